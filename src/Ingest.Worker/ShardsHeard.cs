using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>
/// The shards that have announced themselves since this router started. Until all have, their queues may not exist and a
/// message to them could vanish: the router takes nothing in before. Thread-safe.
/// </summary>
public sealed class ShardsHeard(VectorDbOptions options)
{
    readonly ConcurrentDictionary<int, bool> _heard = new();
    volatile int _expected = options.Shards;
    readonly TaskCompletionSource _all = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes when every shard has been heard of once.</summary>
    public Task All => _all.Task;

    public void Note(ShardAnnounced shard)
    {
        // A replica that does not take part yet may wait for another, without which the shard has no queue for searches.
        if ((shard.ShardCount != options.Shards && !shard.IsCountLearned) || shard.State != ReplicaStates.InSync)
            return;
        if (shard.IsCountLearned)
            _expected = shard.ShardCount;
        _heard[shard.Shard] = true;
        if (Missing().Count == 0)
            _all.TrySetResult();
    }

    public IEnumerable<string> Lacking()
    {
        var (missing, expected) = (Missing(), _expected);
        if (missing.Count > 0)
            yield return $"The router has heard of {expected - missing.Count} of {expected} shards; not of shard "
                + $"{string.Join(", ", missing.Take(10))}{(missing.Count > 10 ? ", …" : "")}.";
    }

    List<int> Missing() => [.. Enumerable.Range(0, _expected).Where(shard => !_heard.ContainsKey(shard))];
}
