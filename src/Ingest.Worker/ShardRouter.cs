using VectorDb.Contracts;

namespace VectorDb.IngestWorker;

/// <summary>Which shards a search should ask and where a point goes: a pure function of one collection state.</summary>
public sealed class ShardRouter(CollectionState state)
{
    readonly Placement _placement = new(state);
    readonly int _shardsInUse = ShardNumbers.InUse(state);
    readonly Placement[] _past = [.. state.Previous.Select(past => new Placement(
        state.Shape, ShardNumbers.InUse(state), past.CentroidShards, past.Centroids, past.CentroidOffsets))];

    public CollectionState State => state;

    /// <summary>The shard that a point belongs to (<see cref="Placement.OwnerOf"/>).</summary>
    public int OwnerOf(ReadOnlySpan<float> vector, ReadOnlySpan<byte> id) => _placement.OwnerOf(vector, id);

    /// <summary>
    /// The shards to ask, nearest first. `shardsToSearch`: a number, <see cref="SearchQuestion.AllShards"/> or
    /// <see cref="SearchQuestion.AutoShards"/>. Without centroids, and for "auto" until routing recall is measured
    /// (docs/decisions/0020), all. While rows are moved after a change of centroids, what any of the sets would choose.
    /// </summary>
    public int[] Choose(ReadOnlySpan<float> vector, int shardsToSearch)
    {
        if (shardsToSearch is SearchQuestion.AllShards or SearchQuestion.AutoShards || !_placement.HasCentroids
            || shardsToSearch >= _shardsInUse || _past.Any(past => !past.HasCentroids))
            return [.. Enumerable.Range(0, _shardsInUse)];
        var chosen = Nearest(_placement, vector, shardsToSearch);
        foreach (var past in _past)
            chosen = chosen.Union(Nearest(past, vector, shardsToSearch));
        return [.. chosen];
    }

    IEnumerable<int> Nearest(Placement placement, ReadOnlySpan<float> vector, int count)
    {
        var nearness = placement.NearnessByShard(vector);
        return Enumerable.Range(0, nearness.Length)
            .OrderByDescending(shard => nearness[shard]).ThenBy(shard => shard).Take(count);
    }
}
