using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Homes;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>
/// Gives ids their next versions and notes where their rows will be; puts it off where that is not this shard's to decide.
/// </summary>
public sealed class ClaimIdsConsumer(ShardSet shards, VectorDbOptions options, ProcessStart start) : IConsumer<ClaimIds>
{
    public async Task Consume(ConsumeContext<ClaimIds> context)
    {
        var message = context.Message;
        var grants = await shards[message.Shard].Directory.ChangeAsync(
            transaction => TryClaim(transaction, message), context.CancellationToken);
        if (grants is null)
        {
            await context.RespondAsync(new ClaimsDeferred { Shard = message.Shard });
            return;
        }
        await context.RespondAsync(new IdsClaimed
        {
            Grants = [.. grants.Zip(message.Claims, (grant, claim) => new IdGrant
            {
                Version = grant.Version,
                Target = grant.Target ?? claim.Target,
                OtherPlaces = [.. grant.OtherPlaces],
                IsPast = grant.IsPast,
            })],
        });
    }

    List<ClaimGrant>? TryClaim(ShardTransaction transaction, ClaimIds message)
    {
        var rule = HomeRule.Read(transaction);
        var claims = message.Claims.Select(claim => ClaimOf(claim, rule)).ToList();
        if (claims.Any(claim => !rule.Decides(claim.Key.Span, message.Shard)
            || (rule.Count > 0 && claim.Target >= rule.Count && !transaction.Remembers(claim))))
            return null;
        return [.. claims.Select(claim => transaction.Claim(claim))];
    }

    Claim ClaimOf(IdClaim claim, HomeRule rule) => new(claim.OperationId, claim.Ordinal, new PointKey(claim.Id), claim.Target)
    {
        OnlyIfVersion = claim.OnlyIfVersion,
        SettledBeforeMs = start.SettledBeforeMs(options),
        TargetsBelow = rule.Count,
    };
}
