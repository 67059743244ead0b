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

    readonly ConcurrentDictionary<(int Shard, int Replica), (ShardAnnounced Shard, long At)> _shards = new();
    readonly Lock _lock = new();
    volatile HeardRouter? _router;

    /// <summary>The collection as last heard; null where there is none.</summary>
    public CollectionState? Collection { get; private set; }

    /// <summary>The keeper has been asked once, so that "no collection" is knowledge and not ignorance.</summary>
    public bool HasAskedKeeper { get; private set; }

    public int ShardCount => Collection?.ShardCount ?? options.Shards;

    /// <summary>Shards 0 to this hold something: more than <see cref="ShardCount"/> while some are leaving.</summary>
    public int ShardsInUse => Collection is { } state ? ShardNumbers.InUse(state) : options.Shards;

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
        if (shard.ShardCount == ShardCount || shard.IsCountLearned)
            _shards[(shard.Shard, shard.Replica)] = (shard, clock.GetTimestamp());
    }

    public void Note(RouterAnnounced router) => _router = new(router, clock.GetTimestamp());

    /// <summary>A replica of the shard that answers was heard of lately.</summary>
    public bool IsPresent(int shard) => ReplicasOf(shard).Any(replica => replica.State == ReplicaStates.InSync);

    /// <summary>A replica of the shard was heard of since this API started: its queues exist.</summary>
    public bool HasHeardOf(int shard) => HeardOf(shard).Any();

    /// <summary>Where the shard answers for itself: a replica that takes part, or whichever was heard of.</summary>
    public string? UrlOf(int shard) => (ReplicasOf(shard).FirstOrDefault(replica => replica.State == ReplicaStates.InSync)
        ?? HeardOf(shard).FirstOrDefault().Shard)?.Url;

    /// <summary>The replicas of the shard that were heard of lately, in order.</summary>
    public IReadOnlyList<ShardAnnounced> ReplicasOf(int shard) =>
        [.. HeardOf(shard).Where(heard => clock.GetElapsedTime(heard.At) < HeardLately).Select(heard => heard.Shard)];

    /// <summary>How many replicas the shard is to have.</summary>
    public int ReplicaCount(int shard) => HeardOf(shard).Select(heard => heard.Shard.Replicas).DefaultIfEmpty(1).Max();

    IEnumerable<(ShardAnnounced Shard, long At)> HeardOf(int shard) =>
        _shards.Values.Where(heard => heard.Shard.Shard == shard).OrderBy(heard => heard.Shard.Replica);

    /// <summary>What is lacking before requests can be served, each a sentence.</summary>
    public IEnumerable<string> Lacking()
    {
        if (_router is not { } router || clock.GetElapsedTime(router.At) >= HeardLately)
            yield return "No embedding and routing worker has been heard of.";
        var missing = Enumerable.Range(0, ShardsInUse).Where(shard => !IsPresent(shard)).ToList();
        if (missing.Count > 0)
            yield return $"Not heard of shard {string.Join(", ", missing.Take(10))}{(missing.Count > 10 ? ", …" : "")} " +
                $"({missing.Count} of {ShardsInUse}).";
        if (!HasAskedKeeper)
            yield return "The collection's state has not been read yet.";
    }

    sealed record HeardRouter(RouterAnnounced Router, long At);
}
