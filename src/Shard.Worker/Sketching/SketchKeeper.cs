using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>
/// Keeps the sketch of one shard true while rows come and go: rows that come are counted at once, and when many have, it says that the
/// sketch should be made anew. Thread-safe; one thread at a time makes it.
/// </summary>
public sealed class SketchKeeper(int shard)
{
    /// <summary>Means move by little until then, and new rows are counted all the while.</summary>
    const double ChangeMost = 0.25;

    /// <summary>Share of the rows that routers need not be told of: what "auto" misses for it is as little.</summary>
    const double UntoldMost = 0.02;

    readonly Guid _life = NewId.NextGuid();
    readonly Lock _lock = new();
    List<float[]>? _meanwhile;
    ShardSketch? _sketch;
    long _pointsWhenMade;
    int _epoch;
    long _revision;
    (long Added, int SubClusters) _told;

    /// <summary>Rows have been stored. `vectors`: float32, as they were sent.</summary>
    public void Note(CollectionShape shape, IEnumerable<float[]> vectors)
    {
        lock (_lock)
        {
            if (_sketch is null && _meanwhile is null)
                return;
            foreach (var vector in vectors)
            {
                var row = shape.Metric == "Cosine" ? ShardSketch.Normalised(vector) : vector;
                _sketch?.Add(row);
                _meanwhile?.Add(row);
            }
        }
    }

    /// <summary>The sketch is to be made, or made anew. `points`: rows that the shard has, one at least.</summary>
    public bool IsDue(long points, int epoch)
    {
        lock (_lock)
            return _sketch is null || _epoch != epoch || _sketch.IsFull || _sketch.Added > ChangeMost * _pointsWhenMade
                || points < (1 - ChangeMost) * _pointsWhenMade;
    }

    /// <summary>
    /// Makes the sketch from what the shard has now, for up to a second of one core. `epoch`: that of the centroids which have placed
    /// all its rows.
    /// </summary>
    public void Make(Shard engine, int epoch, CancellationToken cancellationToken)
    {
        lock (_lock)
            _meanwhile = [];
        try
        {
            var points = engine.Stats.Points;
            var rows = engine.Sample(ShardSketch.SampleRows(engine.Schema?.Dimensions ?? 1), seed: epoch);
            var sketch = rows.Length == 0 ? null : ShardSketch.Make(rows, points, seed: epoch, cancellationToken);
            lock (_lock)
            {
                // A row that came while rows were read may be counted twice, which is better than not at all.
                foreach (var row in _meanwhile)
                    sketch?.Add(row);
                (_sketch, _pointsWhenMade, _epoch, _told) = (sketch, points, epoch, default);
            }
        }
        finally
        {
            lock (_lock)
                _meanwhile = null;
        }
    }

    /// <summary>What routers should be told now; null where they know enough. `nowMs`: since 1970.</summary>
    public ShardSketched? Untold(int epoch, long nowMs)
    {
        lock (_lock)
        {
            if (_sketch is null || _epoch != epoch
                || (_told.SubClusters == _sketch.SubClusterCount && _sketch.Added - _told.Added <= UntoldMost * _sketch.Points))
                return null;
            _told = (_sketch.Added, _sketch.SubClusterCount);
            _revision = Math.Max(nowMs, _revision + 1);
            return Message(_sketch);
        }
    }

    /// <summary>
    /// What a router needs that has the sketch of another revision, or none (0); null where that is this one, or nothing was published yet.
    /// With `hasReplicas`, a higher one is another replica's and as good.
    /// </summary>
    public ShardSketched? InsteadOf(long revision, bool hasReplicas)
    {
        lock (_lock)
            return _sketch is null || _revision == 0 || revision == _revision || (hasReplicas && revision > _revision)
                ? null
                : Message(_sketch);
    }

    ShardSketched Message(ShardSketch sketch) => sketch.ToMessage(new(shard, _life, _revision, _epoch));
}
