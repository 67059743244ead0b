using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Sees to it that a home's entries name no shard that leaves: as long as one does, a row may be there or on its way. Thread-safe.
/// </summary>
public sealed class Departure(IBus bus, ProcessStart start, VectorDbOptions options)
{
    const int PageSize = 500;

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    /// <summary>Deletes the entries of ids whose home is another shard now, which has them.</summary>
    public static async Task ForgetOthersAsync(OwnedShard home, ShardChange change, CancellationToken cancellationToken)
    {
        PointKey? after = null;
        while (home.Engine.HomeEntries(after, PageSize) is { Count: > 0 } page)
        {
            var others = page.Select(entry => entry.Entry.Key).Where(key => Home.Of(key.Span, change.To) != home.Number).ToList();
            if (others.Count > 0)
                await home.Directory.ChangeAsync(
                    transaction =>
                    {
                        foreach (var key in others)
                            transaction.ForgetEntry(key);
                        return true;
                    },
                    cancellationToken);
            after = page[^1].Entry.Key;
        }
    }

    /// <summary>Looks at every entry once. Returns whether none names a leaving shard any more.</summary>
    /// <exception cref="RequestException">A leaving shard does not answer.</exception>
    public async Task<bool> IsClearAsync(OwnedShard home, ShardChange change, CancellationToken cancellationToken)
    {
        if (change.To > change.From)
            return true;
        var isClear = true;
        PointKey? after = null;
        while (home.Engine.HomeEntries(after, PageSize) is { Count: > 0 } page)
        {
            var named = page.SelectMany(
                entry => entry.Entry.Places.Where(place => place.Shard >= change.To).Select(place => (entry, place)));
            var cleared = await Task.WhenAll(named.Select(item => IsClearAsync(home, item.entry, item.place, cancellationToken)));
            isClear &= cleared.All(done => done);
            after = page[^1].Entry.Key;
        }
        return isClear;
    }

    async Task<bool> IsClearAsync(OwnedShard home, HomeEntry entry, Place place, CancellationToken cancellationToken)
    {
        var key = entry.Entry.Key;
        var client = bus.CreateRequestClient<ReadPoint>(ShardAddress.Search(place.Shard), Timeout);
        var request = new ReadPoint { Shard = place.Shard, Id = key.Bytes, WithVector = false, ClaimedVersion = place.Version };
        var read = (await client.GetResponse<PointRead>(request, Delivery.Transient, cancellationToken)).Message;
        if (read.IsLive || read.IsDamaged)
            return false;
        if (read.Version > place.Version)
            return await home.Directory.ChangeAsync(
                transaction =>
                {
                    transaction.Release(key, place.Shard, read.Version);
                    return true;
                },
                cancellationToken);
        // A claim whose row is not there: it may be on its way, unless the claim is older than any message.
        return entry.AtMs < start.SettledBeforeMs(options) && await home.Directory.ChangeAsync(
            transaction =>
            {
                transaction.AbandonPlace(key, place.Shard, place.Version);
                return true;
            },
            cancellationToken);
    }
}
