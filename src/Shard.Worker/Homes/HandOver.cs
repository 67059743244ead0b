using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Copies what a home knows of ids that get another home to those homes: entries, claims, the counter of versions. Safe to repeat; whoever
/// calls it has made sure that the home decides for none of these ids any more. Thread-safe.
/// </summary>
public sealed class HandOver(IBus bus)
{
    /// <summary>Some 100 KB as JSON, and one commit at the receiver.</summary>
    const int PageSize = 1_000;

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 30);

    /// <summary>Returns false when a receiver is not ready: then all is copied again later.</summary>
    /// <exception cref="RequestException">A receiver does not answer.</exception>
    public async Task<bool> CopyAsync(OwnedShard home, ShardChange change, CancellationToken cancellationToken)
    {
        var receivers = Receivers(home.Number, change);
        if (receivers.Count == 0)
            return true;
        // Claims are remembered by a hash of the id: these say where each belongs.
        var (moving, staying) = (new Dictionary<long, int>(), new HashSet<long>());
        PointKey? after = null;
        while (home.Engine.HomeEntries(after, PageSize) is { Count: > 0 } page)
        {
            foreach (var group in page.GroupBy(entry => Home.Of(entry.Entry.Key.Span, change.To)))
            {
                if (group.Key == home.Number)
                {
                    staying.UnionWith(group.Select(entry => entry.KeyHash));
                    continue;
                }
                foreach (var entry in group)
                    moving[entry.KeyHash] = group.Key;
                var message = MessageTo(group.Key, home, change) with { Entries = [.. group.Select(WireOf)] };
                if (!await SendAsync(message, cancellationToken))
                    return false;
            }
            after = page[^1].Entry.Key;
        }
        return await CopyClaimsAsync(
            home, change, (claim, receiver) => moving.TryGetValue(claim.KeyHash, out var to)
                ? to == receiver
                : !staying.Contains(claim.KeyHash), cancellationToken);
    }

    /// <summary>What a shard that leaves knows of operations goes to where somebody asks for it. Returns false as above.</summary>
    public async Task<bool> CopyOutcomesAsync(OwnedShard shard, ShardChange change, CancellationToken cancellationToken)
    {
        var after = 0L;
        while (shard.Engine.Copy.Outcomes(after, PageSize) is { Outcomes.Count: > 0 } page)
        {
            foreach (var group in page.Outcomes.GroupBy(outcome => Home.Of(outcome.Operation, change.To)))
            {
                var message = MessageTo(group.Key, shard, change) with
                {
                    Outcomes = [.. group.Select(outcome => new LoggedOutcome
                    {
                        OperationId = outcome.Operation,
                        Ordinals = outcome.Ordinals,
                        Refusal = outcome.Refusal,
                    })],
                };
                if (!await SendAsync(message, cancellationToken))
                    return false;
            }
            after = page.Last;
        }
        return true;
    }

    /// <summary>
    /// Homes that ids of this one can go to: jump hash takes ids to new shards only when there are more, and from leaving ones only when
    /// there are fewer.
    /// </summary>
    static List<int> Receivers(int home, ShardChange change)
    {
        if (change.To > change.From)
            return home < change.From ? [.. Enumerable.Range(change.From, change.To - change.From)] : [];
        return home >= change.To ? [.. Enumerable.Range(0, change.To)] : [];
    }

    /// <summary>`goes`: whether a claim is for a receiver; one of an id that is not known here is for all.</summary>
    async Task<bool> CopyClaimsAsync(
        OwnedShard home, ShardChange change, Func<ClaimRecord, int, bool> goes, CancellationToken cancellationToken)
    {
        ClaimRecord? last = null;
        var receivers = Receivers(home.Number, change);
        do
        {
            var page = home.Engine.Copy.Claims(last, PageSize);
            foreach (var receiver in receivers)
            {
                // Also without claims: the counter of versions goes to each.
                var claims = page.Where(claim => goes(claim, receiver)).Select(WireOf).ToList();
                if ((claims.Count > 0 || last is null)
                    && !await SendAsync(MessageTo(receiver, home, change) with { Claims = claims }, cancellationToken))
                    return false;
            }
            last = page.Count > 0 ? page[^1] : null;
        }
        while (last is not null);
        return true;
    }

    static TakeOverHomes MessageTo(int receiver, OwnedShard from, ShardChange change) =>
        new() { Shard = receiver, Change = change.Number, Version = from.Engine.Copy.Version };

    async Task<bool> SendAsync(TakeOverHomes message, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<TakeOverHomes>(ShardAddress.Search(message.Shard), Timeout);
        var answer = await client.GetResponse<HomesTakenOver>(message, Delivery.Transient, cancellationToken);
        return answer.Message.IsTaken;
    }

    static HandedEntry WireOf(HomeEntry entry) => new()
    {
        Id = entry.Entry.Key.Bytes,
        Version = entry.Entry.Version,
        Deleted = entry.Entry.Deleted,
        Places = [.. entry.Entry.Places.Select(place => new PlaceOfPoint { Shard = place.Shard, Version = place.Version })],
        AtMs = entry.AtMs,
    };

    static LoggedClaim WireOf(ClaimRecord claim) => new()
    {
        OperationId = claim.Operation,
        Ordinal = claim.Ordinal,
        KeyHash = claim.KeyHash,
        Version = claim.Version,
        Target = claim.Target,
        Existed = claim.Existed,
    };
}
