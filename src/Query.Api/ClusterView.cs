using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>
/// What this API knows of the rest: the collection, the shards and the routers that it has heard of lately. Thread-safe.
/// </summary>
public sealed class ClusterView(VectorDbOptions options, TimeProvider clock)
{
    /// <summary>Five announcements missed: long enough for a busy machine, short enough to be told.</summary>
    static readonly TimeSpan HeardLately = TimeSpan.FromSeconds(15);

    readonly ConcurrentDictionary<int, (ShardAnnounced Shard, long At)> _shards = new();
    readonly Lock _lock = new();
    volatile HeardRouter? _router;

    /// <summary>The collection as last heard; null where there is none.</summary>
    public CollectionState? Collection { get; private set; }

    /// <summary>The keeper has been asked once, so that "no collection" is knowledge and not ignorance.</summary>
    public bool HasAskedKeeper { get; private set; }

    public int ShardCount => Collection?.ShardCount ?? options.Shards;

    /// <summary>The embedding model, from the router heard last; null before any was.</summary>
    public RouterAnnounced? Router => _router?.Router;

    /// <summary>The higher revision stays.</summary>
    public void Note(CollectionState? state)
    {
        lock (_lock)
        {
            HasAskedKeeper = true;
            if (state is not null && state.Revision > (Collection?.Revision ?? -1))
                Collection = state;
        }
    }

    public void Note(ShardAnnounced shard)
    {
        if (shard.ShardCount == ShardCount)
            _shards[shard.Shard] = (shard, clock.GetTimestamp());
    }

    public void Note(RouterAnnounced router) => _router = new(router, clock.GetTimestamp());

    /// <summary>The shard was heard of lately.</summary>
    public bool IsPresent(int shard) =>
        _shards.TryGetValue(shard, out var heard) && clock.GetElapsedTime(heard.At) < HeardLately;

    /// <summary>The shard was heard of since this API started: its queues exist.</summary>
    public bool HasHeardOf(int shard) => _shards.ContainsKey(shard);

    public string? UrlOf(int shard) => _shards.TryGetValue(shard, out var heard) ? heard.Shard.Url : null;

    /// <summary>What is lacking before requests can be served, each a sentence.</summary>
    public IEnumerable<string> Lacking()
    {
        if (_router is not { } router || clock.GetElapsedTime(router.At) >= HeardLately)
            yield return "No embedding and routing worker has been heard of.";
        var missing = Enumerable.Range(0, ShardCount).Where(shard => !IsPresent(shard)).ToList();
        if (missing.Count > 0)
            yield return $"Not heard of shard {string.Join(", ", missing.Take(10))}{(missing.Count > 10 ? ", …" : "")} " +
                $"({missing.Count} of {ShardCount}).";
        if (!HasAskedKeeper)
            yield return "The collection's state has not been read yet.";
    }

    sealed record HeardRouter(RouterAnnounced Router, long At);
}
