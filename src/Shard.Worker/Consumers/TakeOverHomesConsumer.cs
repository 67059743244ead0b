using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Homes;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Takes over what an old home knows of ids whose home this shard becomes.</summary>
public sealed class TakeOverHomesConsumer(ShardSet shards) : IConsumer<TakeOverHomes>
{
    public async Task Consume(ConsumeContext<TakeOverHomes> context)
    {
        var message = context.Message;
        var isTaken = await shards[message.Shard].Directory.ChangeAsync(
            transaction => TryTake(transaction, message), context.CancellationToken);
        await context.RespondAsync(new HomesTakenOver { IsTaken = isTaken });
    }

    static bool TryTake(ShardTransaction transaction, TakeOverHomes message)
    {
        foreach (var outcome in message.Outcomes)
            transaction.Record(outcome.OperationId, outcome.Ordinals, outcome.Refusal);
        if (message.Outcomes.Count > 0)
            return true;
        // Once this shard decides itself, a late copy is worth nothing.
        if (HomeRule.Read(transaction) is not { Next: not null } rule || rule.Change != message.Change)
            return false;
        transaction.TakeOver([.. message.Entries.Select(EntryOf)], [.. message.Claims.Select(ClaimOf)], message.Version);
        return true;
    }

    static HomeEntry EntryOf(HandedEntry entry) => new(
        new DirectoryEntry(
            new PointKey(entry.Id), entry.Version, entry.Deleted, [.. entry.Places.Select(place => new Place(place.Shard, place.Version))]),
        entry.AtMs,
        KeyHash: 0);

    static ClaimRecord ClaimOf(LoggedClaim claim) =>
        new(claim.OperationId, claim.Ordinal, claim.KeyHash, claim.Version, claim.Target, claim.Existed);
}
