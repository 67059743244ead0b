using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Contracts;

/// <summary>
/// Vectors in one byte a number, for what needs two digits only: each is its code times a scale of its own. Their products with a query,
/// which has two bytes a number, are exact in 32 bits, so equal on every machine.
/// </summary>
public static class VectorCodes
{
    const int Range = sbyte.MaxValue;

    /// <summary>Numbers that are multiplied at once.</summary>
    const int Lane = 32;

    /// <summary>Numbers of a code with its zeros at the end.</summary>
    public static int Stride(int dimensions) => (dimensions + Lane - 1) / Lane * Lane;

    /// <summary>
    /// `vector`: finite; `code`: as long, to be filled. Returns the scale, 0 for zeros and for numbers near the smallest.
    /// </summary>
    public static float Encode(ReadOnlySpan<float> vector, Span<sbyte> code)
    {
        var (scale, factor) = Scales(vector, Range);
        for (var i = 0; i < vector.Length; i++)
            code[i] = (sbyte)MathF.Round(vector[i] * factor);
        return scale;
    }

    /// <summary>
    /// As <see cref="Encode"/>, as fine as <see cref="Products"/> can take. `code`: of <see cref="Stride"/> numbers; those beyond the
    /// vector become zeros.
    /// </summary>
    public static float EncodeQuery(ReadOnlySpan<float> query, Span<short> code)
    {
        var (scale, factor) = Scales(query, Math.Min(short.MaxValue, int.MaxValue / (Range * Math.Max(1, query.Length))));
        for (var i = 0; i < query.Length; i++)
            code[i] = (short)MathF.Round(query[i] * factor);
        code[query.Length..].Clear();
        return scale;
    }

    /// <summary>
    /// As they travel: `codes`, each of <see cref="Stride"/> numbers, one after the other without the zeros at their ends.
    /// </summary>
    public static byte[] ToBytes(ReadOnlySpan<sbyte> codes, int dimensions)
    {
        var (stride, bytes) = (Stride(dimensions), new byte[codes.Length / Stride(dimensions) * dimensions]);
        for (var i = 0; i * stride < codes.Length; i++)
            MemoryMarshal.AsBytes(codes.Slice(i * stride, dimensions)).CopyTo(bytes.AsSpan(i * dimensions));
        return bytes;
    }

    /// <summary>`vectors`, all of one length, as they travel: their codes, and their scales as float32.</summary>
    public static (byte[] Codes, byte[] Scales) ToBytes(IReadOnlyList<float[]> vectors)
    {
        var (codes, scales) = (new byte[vectors.Sum(vector => vector.Length)], new float[vectors.Count]);
        for (var i = 0; i < vectors.Count; i++)
            scales[i] = Encode(vectors[i], MemoryMarshal.Cast<byte, sbyte>(codes.AsSpan(i * vectors[i].Length, vectors[i].Length)));
        return (codes, VectorBytes.From(scales));
    }

    /// <summary>What <see cref="ToBytes(ReadOnlySpan{sbyte}, int)"/> made of them. `bytes`: a multiple of `dimensions`.</summary>
    public static sbyte[] FromBytes(ReadOnlySpan<byte> bytes, int dimensions)
    {
        var (stride, codes) = (Stride(dimensions), new sbyte[bytes.Length / dimensions * Stride(dimensions)]);
        for (var i = 0; i * dimensions < bytes.Length; i++)
            bytes.Slice(i * dimensions, dimensions).CopyTo(MemoryMarshal.AsBytes(codes.AsSpan(i * stride)));
        return codes;
    }

    /// <summary>
    /// Fills in Σ code·query of each code. `codes`: one after the other, each as long as `query`, a multiple of 32 and 4,096 at most.
    /// </summary>
    public static void Products(ReadOnlySpan<sbyte> codes, ReadOnlySpan<short> query, Span<int> products)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(codes.Length, query.Length * products.Length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(query.Length % Lane, 0);
        ref var code = ref MemoryMarshal.GetReference(codes);
        ref var factors = ref MemoryMarshal.GetReference(query);
        var length = (nuint)query.Length;
        var done = Avx2.IsSupported ? Fours(ref code, ref factors, length, products) : 0;
        for (var i = done; i < products.Length; i++)
            products[i] = One(ref code, (nuint)i * length, ref factors, length);
    }

    /// <summary>Four codes at a time, so that the query is read once for all. Returns how many it has done.</summary>
    static int Fours(ref sbyte code, ref short query, nuint length, Span<int> products)
    {
        var done = 0;
        for (; done + 4 <= products.Length; done += 4)
        {
            var (a, b, c, d) = (Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero, Vector256<int>.Zero);
            var at = (nuint)done * length;
            for (nuint i = 0; i < length; i += 16)
            {
                var factors = Vector256.LoadUnsafe(ref query, i);
                a += Pairs(ref code, at + i, factors);
                b += Pairs(ref code, at + length + i, factors);
                c += Pairs(ref code, at + 2 * length + i, factors);
                d += Pairs(ref code, at + 3 * length + i, factors);
            }
            (products[done], products[done + 1]) = (Vector256.Sum(a), Vector256.Sum(b));
            (products[done + 2], products[done + 3]) = (Vector256.Sum(c), Vector256.Sum(d));
        }
        return done;
    }

    static Vector256<int> Pairs(ref sbyte code, nuint at, Vector256<short> factors) =>
        Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(Vector128.LoadUnsafe(ref code, at)), factors);

    static int One(ref sbyte code, nuint at, ref short query, nuint length)
    {
        var sum = Vector128<int>.Zero;
        for (nuint i = 0; i < length; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.LoadUnsafe(ref code, at + i));
            sum += Multiplied(low, Vector128.LoadUnsafe(ref query, i)) + Multiplied(high, Vector128.LoadUnsafe(ref query, i + 8));
        }
        return Vector128.Sum(sum);
    }

    static Vector128<int> Multiplied(Vector128<short> left, Vector128<short> right)
    {
        var ((low, high), (otherLow, otherHigh)) = (Vector128.Widen(left), Vector128.Widen(right));
        return low * otherLow + high * otherHigh;
    }

    static (float Scale, float Factor) Scales(ReadOnlySpan<float> vector, int range)
    {
        var largest = 0f;
        foreach (var x in vector)
            largest = Math.Max(largest, Math.Abs(x));
        var factor = range / largest;
        return float.IsFinite(factor) ? (largest / range, factor) : (0, 0);
    }
}
