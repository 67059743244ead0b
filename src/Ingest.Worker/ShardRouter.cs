using System.Numerics.Tensors;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker;

/// <summary>Which shard a vector belongs to and which shards a search should ask: a pure function of one collection state.</summary>
public sealed class ShardRouter
{
    readonly CollectionState _state;
    readonly float[][] _centroids;
    readonly bool _isEuclid;

    public ShardRouter(CollectionState state)
    {
        _state = state;
        _isEuclid = state.Shape.Metric == "Euclid";
        var size = state.Shape.Dimensions * sizeof(float);
        _centroids = [.. Enumerable.Range(0, state.CentroidShards.Length)
            .Select(i => VectorBytes.ToFloats(state.Centroids.AsSpan(i * size, size)))];
        if (state.Shape.Metric == "Cosine")
            foreach (var centroid in _centroids)
                Normalise(centroid);
    }

    public CollectionState State => _state;

    /// <summary>
    /// The shard of the nearest centroid; the id's home while there are no centroids. `vector`: float32, length =
    /// dimensions; `id`: its key.
    /// </summary>
    public int OwnerOf(ReadOnlySpan<float> vector, ReadOnlySpan<byte> id)
    {
        if (_centroids.Length == 0)
            return Home.Of(id, _state.ShardCount);
        var best = 0;
        var bestNearness = float.NegativeInfinity;
        for (var i = 0; i < _centroids.Length; i++)
        {
            var nearness = Nearness(vector, _centroids[i]);
            if (nearness > bestNearness)
                (best, bestNearness) = (i, nearness);
        }
        return _state.CentroidShards[best];
    }

    /// <summary>
    /// The shards to ask, nearest first. `shardsToSearch`: a number, <see cref="SearchQuestion.AllShards"/> or
    /// <see cref="SearchQuestion.AutoShards"/>. Without centroids, and for "auto" until routing recall is measured
    /// (docs/decisions/0020), all.
    /// </summary>
    public int[] Choose(ReadOnlySpan<float> vector, int shardsToSearch)
    {
        if (shardsToSearch is SearchQuestion.AllShards or SearchQuestion.AutoShards || _centroids.Length == 0
            || shardsToSearch >= _state.ShardCount)
            return [.. Enumerable.Range(0, _state.ShardCount)];
        var nearness = new float[_state.ShardCount];
        Array.Fill(nearness, float.NegativeInfinity);
        for (var i = 0; i < _centroids.Length; i++)
        {
            ref var best = ref nearness[_state.CentroidShards[i]];
            best = Math.Max(best, Nearness(vector, _centroids[i]));
        }
        return [.. Enumerable.Range(0, _state.ShardCount)
            .OrderByDescending(shard => nearness[shard]).ThenBy(shard => shard).Take(shardsToSearch)];
    }

    /// <summary>Higher is nearer. Cosine needs no norm of `vector`: it scales all centroids alike.</summary>
    float Nearness(ReadOnlySpan<float> vector, ReadOnlySpan<float> centroid) => _isEuclid
        ? -TensorPrimitives.Distance(vector, centroid)
        : TensorPrimitives.Dot(vector, centroid);

    static void Normalise(Span<float> vector)
    {
        var norm = TensorPrimitives.Norm(vector);
        if (norm > 0)
            TensorPrimitives.Divide(vector, norm, vector);
    }
}
