using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;

namespace VectorDb.IngestWorker;

/// <summary>
/// Which shards a search should ask and where a point goes, from one collection state and the newest sketches. Thread-safe.
/// </summary>
public sealed class ShardRouter(CollectionState state, SketchBook sketches)
{
    readonly Placement _placement = new(state);
    readonly int _shardsInUse = ShardNumbers.InUse(state);
    readonly Placement[] _past = [.. state.Previous.Select(past => new Placement(
        state.Shape, ShardNumbers.InUse(state), past.CentroidShards, past.Centroids, past.CentroidOffsets))];

    public CollectionState State => state;

    /// <summary>"auto" may leave shards out: there are centroids, and rows are where they want them.</summary>
    public bool CanLeaveOut => _placement.HasCentroids && !IsMoving && _shardsInUse > 1;

    bool IsMoving => _past.Length > 0 || state.Change is not null;

    /// <summary>The shard that a point belongs to (<see cref="Placement.OwnerOf"/>).</summary>
    public int OwnerOf(ReadOnlySpan<float> vector, ReadOnlySpan<byte> id) => _placement.OwnerOf(vector, id);

    /// <summary>
    /// The shards to ask, the nearest or most promising first; always first the owner of a point that is where the search is, so that a
    /// point is found by its own vector as soon as it is stored. `shardsToSearch`: a number, <see cref="SearchQuestion.AllShards"/> or
    /// <see cref="SearchQuestion.AutoShards"/>; `topK`: points wanted. Without centroids, all. While rows are moved after a change of
    /// centroids, what any of the sets would choose, and for "auto" all.
    /// </summary>
    public int[] Choose(ReadOnlySpan<float> vector, int shardsToSearch, int topK)
    {
        var isAuto = shardsToSearch == SearchQuestion.AutoShards;
        if (shardsToSearch == SearchQuestion.AllShards || !_placement.HasCentroids || shardsToSearch >= _shardsInUse
            || _past.Any(past => !past.HasCentroids) || (isAuto && IsMoving))
            return [.. Enumerable.Range(0, _shardsInUse)];
        if (isAuto)
            return Enough(vector, topK);
        // A number keeps to the nearest centroids: which shards it means must not hang on how many points are wanted, or a longer list
        // of the same search would begin otherwise.
        var chosen = Nearest(_placement, vector, shardsToSearch);
        foreach (var past in _past)
            chosen = chosen.Union(Nearest(past, vector, shardsToSearch));
        return [.. chosen];
    }

    /// <summary>
    /// Every shard that may well have one of the wanted points; one whose sketch is not here may. The bound is the same for all searches,
    /// which for a given amount of work finds the most over all of them.
    /// </summary>
    int[] Enough(ReadOnlySpan<float> vector, int topK)
    {
        var guess = sketches.GuessOf(state);
        var least = sketches.BoundOf(state.Epoch) * topK;
        var chosen = new List<int> { _placement.OwnerOf(vector, id: []) };
        foreach (var (shard, hits) in guess.Rank(vector, topK))
            // Not below, rather than above: numbers that are none, of vectors near the end of float32, must not leave a shard out.
            if (!(hits < least) && shard != chosen[0])
                chosen.Add(shard);
        for (var shard = 0; shard < state.ShardCount && guess.ShardCount < state.ShardCount; shard++)
            if (!guess.Knows(shard) && shard != chosen[0])
                chosen.Add(shard);
        return [.. chosen];
    }

    /// <summary>
    /// What "auto" expects the owners of true neighbours to have of each wanted point; infinite where it asks the shard in any case.
    /// </summary>
    public IEnumerable<double> SharesOf(float[] vector, IEnumerable<int> owners)
    {
        var first = _placement.OwnerOf(vector, id: []);
        // The point itself is among the rows that the sketches are of.
        var guess = sketches.GuessOf(state).Rank(vector, TrialSearch.Neighbors + 1);
        var hits = guess.ToDictionary(shard => shard.Shard, shard => shard.Hits);
        return owners.Select(owner => owner != first && hits.TryGetValue(owner, out var expected)
            ? expected / TrialSearch.Neighbors
            : double.PositiveInfinity);
    }

    IEnumerable<int> Nearest(Placement placement, ReadOnlySpan<float> vector, int count)
    {
        var nearness = placement.NearnessByShard(vector);
        return Enumerable.Range(0, nearness.Length)
            .OrderByDescending(shard => nearness[shard]).ThenBy(shard => shard).Take(count);
    }
}
