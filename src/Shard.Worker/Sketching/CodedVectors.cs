using System.Numerics.Tensors;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>
/// Vectors in one byte a number, around their center: the means of sub-clusters as routers get them, and for distances that need not be
/// exact, with a quarter of the bytes to read. Not thread-safe.
/// </summary>
sealed class CodedVectors
{
    readonly float[] _center;
    readonly int _stride;
    readonly sbyte[] _codes;
    readonly float[] _scales;
    readonly float[] _squares;
    readonly float[] _distances;
    readonly float[] _offset;
    readonly short[] _query;
    readonly int[] _products;

    /// <summary>`vectors`: at least one; `room`: how many more there may be.</summary>
    public CodedVectors(IReadOnlyList<float[]> vectors, int room)
    {
        var dimensions = vectors[0].Length;
        (_center, _offset) = (Middle(vectors), new float[dimensions]);
        _stride = VectorCodes.Stride(dimensions);
        var most = vectors.Count + room;
        (_codes, _scales, _squares) = (new sbyte[most * _stride], new float[most], new float[most]);
        (_query, _products, _distances) = (new short[_stride], new int[most], new float[most]);
        foreach (var vector in vectors)
            Add(vector);
    }

    public int Count { get; private set; }

    /// <summary>As they travel: d float32, k x d signed bytes, k float32.</summary>
    public (byte[] Center, byte[] Codes, byte[] Scales) ToBytes() =>
        (VectorBytes.From(_center),
            VectorCodes.ToBytes(_codes.AsSpan(0, Count * _stride), _center.Length),
            VectorBytes.From(_scales.AsSpan(0, Count)));

    public void Add(float[] vector)
    {
        TensorPrimitives.Subtract(vector, _center, _offset);
        _scales[Count] = VectorCodes.Encode(_offset, _codes.AsSpan(Count * _stride, _offset.Length));
        _squares[Count] = TensorPrimitives.SumOfSquares<float>(_offset);
        Count++;
    }

    /// <summary>The number of the vector that is nearest to another one, or of one that is hardly further.</summary>
    public int Nearest(float[] vector) => TensorPrimitives.IndexOfMin<float>(Distances(vector));

    /// <summary>About the squared distances to a vector. Valid until the next call.</summary>
    public ReadOnlySpan<float> Distances(float[] vector)
    {
        TensorPrimitives.Subtract(vector, _center, _offset);
        var scale = VectorCodes.EncodeQuery(_offset, _query);
        VectorCodes.Products(_codes.AsSpan(0, Count * _stride), _query, _products.AsSpan(0, Count));
        var square = TensorPrimitives.SumOfSquares<float>(_offset);
        for (var i = 0; i < Count; i++)
            _distances[i] = Math.Max(0, square + _squares[i] - 2 * scale * _scales[i] * _products[i]);
        return _distances.AsSpan(0, Count);
    }

    static float[] Middle(IReadOnlyList<float[]> vectors)
    {
        var middle = new float[vectors[0].Length];
        foreach (var vector in vectors)
            TensorPrimitives.Add(middle, vector, middle);
        TensorPrimitives.Divide(middle, vectors.Count, middle);
        return middle;
    }
}
