using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Gives ids their next versions and notes where their rows will be.</summary>
public sealed class ClaimIdsConsumer(ShardSet shards, VectorDbOptions options, ProcessStart start) : IConsumer<ClaimIds>
{
    public async Task Consume(ConsumeContext<ClaimIds> context)
    {
        var claims = context.Message.Claims;
        var grants = await shards[context.Message.Shard].Directory.ChangeAsync(
            transaction => claims.Select(claim => transaction.Claim(
                new Claim(claim.OperationId, claim.Ordinal, new PointKey(claim.Id), claim.Target)
                {
                    OnlyIfVersion = claim.OnlyIfVersion,
                    SettledBeforeMs = start.SettledBeforeMs(options),
                })).ToList(),
            context.CancellationToken);
        await context.RespondAsync(new IdsClaimed
        {
            Grants = [.. grants.Zip(claims, (grant, claim) => new IdGrant
            {
                Version = grant.Version,
                Target = grant.Target ?? claim.Target,
                OtherPlaces = [.. grant.OtherPlaces],
            })],
        });
    }
}
