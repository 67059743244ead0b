using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>A query beside its code, with which the sketches of all shards are read.</summary>
/// <param name="values">float32.</param>
/// <param name="code">Room for <see cref="VectorCodes.Stride"/> numbers, to be filled.</param>
readonly ref struct CodedQuery(ReadOnlySpan<float> values, Span<short> code)
{
    readonly ReadOnlySpan<float> _values = values;
    readonly ReadOnlySpan<short> _code = code;
    readonly float _scale = VectorCodes.EncodeQuery(values, code);

    public float SumOfSquares => TensorPrimitives.SumOfSquares(_values);

    public float Dot(ReadOnlySpan<float> vector) => TensorPrimitives.Dot(_values, vector);

    /// <summary>Fills in the products with vectors of which these are the codes, one after the other, and their scales.</summary>
    public void Products(ReadOnlySpan<sbyte> codes, ReadOnlySpan<float> scales, Span<float> products)
    {
        var sums = MemoryMarshal.Cast<float, int>(products);
        VectorCodes.Products(codes, _code, sums);
        for (var i = 0; i < sums.Length; i++)
            products[i] = sums[i];
        TensorPrimitives.Multiply(products, scales, products);
        TensorPrimitives.Multiply(products, _scale, products);
    }
}
