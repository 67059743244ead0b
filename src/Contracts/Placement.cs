using System.Runtime.Intrinsics;

namespace VectorDb.Contracts;

/// <summary>
/// Which shard a vector belongs to: a pure function of one collection state. Routers place new points by it and shards find the
/// rows that belong elsewhere by it, so both must come to the same answer: it is here, and it has one order of summation.
/// Thread-safe.
/// </summary>
public sealed class Placement
{
    readonly float[][] _centroids;
    readonly int[] _shards;
    readonly float[] _offsets;
    readonly bool _isEuclid;
    readonly int _shardCount;

    public Placement(CollectionState state) : this(
        state.Shape, state.ShardCount, state.CentroidShards, state.Centroids, state.CentroidOffsets)
    {
    }

    /// <summary>`centroids`: float32 little-endian, one after another, in the order of `shards` and `offsets`.</summary>
    public Placement(CollectionShape shape, int shardCount, int[] shards, byte[] centroids, float[] offsets)
    {
        (_shards, _shardCount, _isEuclid) = (shards, shardCount, shape.Metric == "Euclid");
        _offsets = offsets.Length == shards.Length ? offsets : new float[shards.Length];
        var size = shape.Dimensions * sizeof(float);
        _centroids = [.. Enumerable.Range(0, shards.Length).Select(i => VectorBytes.ToFloats(centroids.AsSpan(i * size, size)))];
        if (shape.Metric == "Cosine")
            foreach (var centroid in _centroids)
                Normalise(centroid);
    }

    public bool HasCentroids => _centroids.Length > 0;

    public int ShardCount => _shardCount;

    /// <summary>
    /// The shard of the nearest centroid; the id's home while there are no centroids. `vector`: float32, length = dimensions, for
    /// cosine of norm 1; `id`: its key.
    /// </summary>
    public int OwnerOf(ReadOnlySpan<float> vector, ReadOnlySpan<byte> id)
    {
        if (_centroids.Length == 0)
            return Home.Of(id, _shardCount);
        var best = 0;
        var bestNearness = float.NegativeInfinity;
        for (var i = 0; i < _centroids.Length; i++)
        {
            var nearness = Nearness(vector, i);
            if (nearness > bestNearness)
                (best, bestNearness) = (i, nearness);
        }
        return _shards[best];
    }

    /// <summary>Nearness of each shard's nearest centroid, higher is nearer; negative infinity for a shard that has none.</summary>
    public float[] NearnessByShard(ReadOnlySpan<float> vector)
    {
        var nearness = new float[_shardCount];
        Array.Fill(nearness, float.NegativeInfinity);
        for (var i = 0; i < _centroids.Length; i++)
            if (_shards[i] < _shardCount)
                nearness[_shards[i]] = Math.Max(nearness[_shards[i]], Nearness(vector, i));
        return nearness;
    }

    /// <summary>
    /// Product, or half the negative squared distance, plus the centroid's offset: both grow as the vector comes nearer, and an
    /// offset shifts the border between two shards without turning it.
    /// </summary>
    float Nearness(ReadOnlySpan<float> vector, int centroid) => _offsets[centroid]
        + (_isEuclid ? -0.5f * SquaredDistance(vector, _centroids[centroid]) : Dot(vector, _centroids[centroid]));

    static void Normalise(Span<float> vector)
    {
        var norm = MathF.Sqrt(Dot(vector, vector));
        if (norm > 0)
            foreach (ref var x in vector)
                x /= norm;
    }

    // Sums run in two times eight lanes and are folded in one order, whatever the machine's registers, so that every machine
    // gets the same bits; a fused multiply-add that the hardware lacks is emulated exactly.
    static float Dot(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var (first, second) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + 16 <= left.Length; i += 16)
        {
            first = Vector256.FusedMultiplyAdd(Vector256.Create(left[i..]), Vector256.Create(right[i..]), first);
            second = Vector256.FusedMultiplyAdd(Vector256.Create(left[(i + 8)..]), Vector256.Create(right[(i + 8)..]), second);
        }
        var sum = Fold(first + second);
        for (; i < left.Length; i++)
            sum = MathF.FusedMultiplyAdd(left[i], right[i], sum);
        return sum;
    }

    static float SquaredDistance(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var (first, second) = (Vector256<float>.Zero, Vector256<float>.Zero);
        var i = 0;
        for (; i + 16 <= left.Length; i += 16)
        {
            var near = Vector256.Create(left[i..]) - Vector256.Create(right[i..]);
            var far = Vector256.Create(left[(i + 8)..]) - Vector256.Create(right[(i + 8)..]);
            first = Vector256.FusedMultiplyAdd(near, near, first);
            second = Vector256.FusedMultiplyAdd(far, far, second);
        }
        var sum = Fold(first + second);
        for (; i < left.Length; i++)
            sum = MathF.FusedMultiplyAdd(left[i] - right[i], left[i] - right[i], sum);
        return sum;
    }

    static float Fold(Vector256<float> lanes)
    {
        var four = lanes.GetLower() + lanes.GetUpper();
        return four[0] + four[2] + (four[1] + four[3]);
    }
}
