using VectorDb.Contracts;

namespace VectorDb.IngestWorker;

/// <summary>
/// Which shards are open in the same workers, as these announce it: one message can ask them all (docs/decisions/0062). It may be out
/// of date: a worker passes on what it cannot answer. Thread-safe.
/// </summary>
public sealed class ShardWorkers
{
    readonly Lock _lock = new();
    readonly Dictionary<(int Shard, int Replica), Guid> _workers = [];
    volatile Dictionary<int, int> _groups = [];

    /// <summary>Equal for shards that are open in the same workers, all replicas considered; one that is not announced is alone.</summary>
    public int GroupOf(int shard) => _groups.GetValueOrDefault(shard, shard);

    public void Note(ShardAnnounced shard)
    {
        var place = (shard.Shard, shard.Replica);
        var worker = shard.State == ReplicaStates.InSync ? shard.Worker : null;
        lock (_lock)
        {
            if (worker == (_workers.TryGetValue(place, out var known) ? known : null))
                return;
            if (worker is { } id)
                _workers[place] = id;
            else
                _workers.Remove(place);
            _groups = Groups();
        }
    }

    /// <summary>Each group has the number of its lowest shard.</summary>
    Dictionary<int, int> Groups() => _workers
        .GroupBy(entry => entry.Key.Shard, entry => entry.Value)
        .GroupBy(shard => string.Join(' ', shard.Distinct().Order()), shard => shard.Key)
        .SelectMany(group => group.Select(shard => (Shard: shard, Group: group.Min())))
        .ToDictionary(pair => pair.Shard, pair => pair.Group);
}
