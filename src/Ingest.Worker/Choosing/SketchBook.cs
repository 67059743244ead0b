using System.Collections.Concurrent;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>The newest sketch of each shard that this router has heard of. Thread-safe.</summary>
public sealed class SketchBook
{
    readonly ConcurrentDictionary<int, SketchedShard> _sketches = new();
    int _changes;
    volatile Reading? _reading;
    volatile Bound? _bound;

    /// <summary>A sketch whose parts do not fit each other is left out: "auto" then always asks its shard.</summary>
    public void Note(ShardSketched message)
    {
        if (message.Shard is < 0 or >= Limits.ShardsMax)
            return;
        if (SketchedShard.From(message) is { } sketch)
            _sketches.AddOrUpdate(sketch.Shard, sketch, (_, known) =>
                known.Life == sketch.Life && known.Revision >= sketch.Revision ? known : sketch);
        else
            _sketches.TryRemove(message.Shard, out _);
        Interlocked.Increment(ref _changes);
    }

    /// <summary>A trial under these centroids found what "auto" may leave out.</summary>
    public void NoteBound(int epoch, double bound) => _bound = new(epoch, bound);

    /// <summary>How much of a wanted point a shard must be expected to have, to be asked.</summary>
    public double BoundOf(int epoch) => _bound is { } bound && bound.Epoch == epoch ? bound.Value : AutoBound.Untried;

    /// <summary>For each shard the revision of its sketch; 0 where there is none.</summary>
    public long[] Revisions()
    {
        var known = _sketches.Values.ToList();
        var revisions = new long[known.Count == 0 ? 0 : known.Max(sketch => sketch.Shard) + 1];
        foreach (var sketch in known)
            revisions[sketch.Shard] = sketch.Revision;
        return revisions;
    }

    /// <summary>What those sketches say that were made when all rows were where this state's centroids want them.</summary>
    public ShardGuess GuessOf(CollectionState state)
    {
        var changes = Volatile.Read(ref _changes);
        if (_reading is { } reading && reading.Changes == changes && ReferenceEquals(reading.State, state))
            return reading.Guess;
        var guess = new ShardGuess(
            _sketches.Values
                .Where(sketch => sketch.Shard < state.ShardCount && sketch.Epoch == state.Epoch
                    && sketch.Dimensions == state.Shape.Dimensions)
                .OrderBy(sketch => sketch.Shard),
            state.Shape.Metric == "Euclid");
        _reading = new(state, changes, guess);
        return guess;
    }

    sealed record Bound(int Epoch, double Value);

    sealed record Reading(CollectionState State, int Changes, ShardGuess Guess);
}
