using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>
/// Finishes what a crash cut off between a claim and its evictions: for each id of this process's homes that has more than one
/// place, or is deleted and has one, it asks the places what they hold and has everything below the newest evicted. Safe at any
/// time, also for operations that are under way: it only repeats what they do themselves. Runs once before the shards count as
/// ready, because until then a search could show an older row, and then from time to time.
/// </summary>
public sealed class Settler(
    IBus bus, ShardSet shards, ShardEndpoints endpoints, Readiness readiness) : BackgroundService
{
    const int PageSize = 256;

    /// <summary>Long after any operation that is still under way would have settled by itself.</summary>
    static readonly TimeSpan Every = TimeSpan.FromMinutes(1);

    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    readonly TaskCompletionSource _settled = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when everything that an earlier run left unfinished is settled.</summary>
    public Task Settled => _settled.Task;

    /// <summary>Here and not in <see cref="ExecuteAsync"/>, which begins at some later time: until then all could look ready.</summary>
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.AddSource(() => _settled.Task.IsCompleted ? [] : ["Operations that were cut off are being finished."]);
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (!await endpoints.Opened.WaitAsync(stoppingToken))
            return;
        while (true)
        {
            var isComplete = true;
            foreach (var shard in shards.Open.Where(shard => shard.Replica is null or { Leader.IsLeading: true }))
                isComplete &= await TrySettleAsync(shard, stoppingToken);
            if (isComplete)
                _settled.TrySetResult();
            await Task.Delay(_settled.Task.IsCompleted ? Every : RetryAfter, stoppingToken);
        }
    }

    async Task<bool> TrySettleAsync(OwnedShard home, CancellationToken cancellationToken)
    {
        try
        {
            return await SettleAsync(home, cancellationToken);
        }
        catch (ObjectDisposedException) when (!shards.TryGet(home.Number, out _))
        {
            // It has left meanwhile, and its ids have other homes.
            return true;
        }
    }

    /// <summary>Returns false when a place did not answer, so that it must be tried again.</summary>
    async Task<bool> SettleAsync(OwnedShard home, CancellationToken cancellationToken)
    {
        var isComplete = true;
        PointKey? after = null;
        while (home.Engine.Unsettled(after, PageSize) is { Count: > 0 } page)
        {
            var settled = await Task.WhenAll(page.Select(entry => TrySettleAsync(entry, cancellationToken)));
            isComplete &= settled.All(done => done);
            after = page[^1].Key;
        }
        return isComplete;
    }

    async Task<bool> TrySettleAsync(DirectoryEntry entry, CancellationToken cancellationToken)
    {
        try
        {
            // Also where the answers are not needed: what is sent to a shard that is away would pile up in its queue.
            var reads = await ReadAsync(entry, cancellationToken);
            await Task.WhenAll(Stale(entry, reads).Select(stale => EvictAsync(stale.Shard, entry.Key, stale.Version, cancellationToken)));
            return true;
        }
        catch (Exception e) when (e is RequestException || DeliveryProblems.Explain(e) is not null)
        {
            return false;
        }
    }

    /// <summary>
    /// The places that hold nothing that counts, each with the version below which it never will: all of a deleted id; all but the
    /// newest live row's; and where no row is live, those that were told to evict something newer than their latest claim.
    /// </summary>
    static IEnumerable<(int Shard, long Version)> Stale(DirectoryEntry entry, IReadOnlyList<PointRead> reads)
    {
        if (entry.Deleted)
            return entry.Places.Select(place => (place.Shard, entry.Version));
        return reads.Where(read => read.IsLive).MaxBy(read => read.Version) is { } newest
            ? reads.Where(read => read.Shard != newest.Shard).Select(read => (read.Shard, newest.Version))
            : reads.Where(read => !read.IsDamaged && read.Version > read.ClaimedVersion).Select(read => (read.Shard, read.Version));
    }

    /// <summary>What each place holds.</summary>
    async Task<IReadOnlyList<PointRead>> ReadAsync(DirectoryEntry entry, CancellationToken cancellationToken) =>
        await Task.WhenAll(entry.Places.Select(async place =>
        {
            var client = bus.CreateRequestClient<ReadPoint>(ShardAddress.Search(place.Shard), Timeout);
            var read = await client.GetResponse<PointRead>(
                new ReadPoint { Shard = place.Shard, Id = entry.Key.Bytes, WithVector = false, ClaimedVersion = place.Version },
                Delivery.Transient,
                cancellationToken);
            return read.Message;
        }));

    Task EvictAsync(int place, PointKey key, long version, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<EvictPoints>(ShardAddress.Write(place), Timeout);
        return client.GetResponse<PointsEvicted>(
            new EvictPoints
            {
                Shard = place,
                ShardCount = shards.SystemCount,
                Points = [new() { OperationId = NewId.NextGuid(), Ordinal = 0, Id = key.Bytes, Version = version }],
            },
            cancellationToken);
    }
}
