using System.Collections.Concurrent;

namespace VectorDb.ShardWorker.Migration;

/// <summary>Rows that left each shard of this process since the centroids changed. Thread-safe.</summary>
public sealed class MigrationProgress
{
    readonly ConcurrentDictionary<int, (int Epoch, long Rows)> _moved = new();

    public void Moved(int shard, int epoch, int rows) => _moved.AddOrUpdate(
        shard, (epoch, rows), (_, before) => (epoch, before.Epoch == epoch ? before.Rows + rows : rows));

    public long MovedOf(int shard) => _moved.GetValueOrDefault(shard).Rows;
}
