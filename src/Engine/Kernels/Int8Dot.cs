using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// Products of 8-bit codes, exact in 32 bits, so equal on every path. The query side has 16 bits: it is made once a search,
/// and with 7 bits (which vpmaddubsw would need) its rounding would be the larger error. 4,096 dimensions at most.
/// </summary>
public static unsafe class Int8Dot
{
    /// <summary>Σ code·query over <paramref name="count"/> numbers, a multiple of 64 (pad with zeros), at most 4,096.</summary>
    public static int Dot(sbyte* code, short* query, int count) =>
        Avx512BW.IsSupported ? Dot512(code, query, count)
        : Avx2.IsSupported ? Dot256(code, query, count)
        : DotPortable(code, query, count);

    /// <summary>Writes the 8-bit numbers of <paramref name="code"/> as 16-bit ones, to use a stored code as a query.</summary>
    public static void Widen(sbyte* code, short* wide, int count)
    {
        for (var i = 0; i < count; i += 16)
        {
            var (low, high) = Vector128.Widen(Vector128.Load(code + i));
            low.Store(wide + i);
            high.Store(wide + i + 8);
        }
    }

    internal static int Dot512(sbyte* code, short* query, int count)
    {
        var (a, b) = (Vector512<int>.Zero, Vector512<int>.Zero);
        for (var i = 0; i < count; i += 64)
        {
            var x = Avx512BW.ConvertToVector512Int16(Vector256.Load(code + i));
            var y = Avx512BW.ConvertToVector512Int16(Vector256.Load(code + i + 32));
            a += Avx512BW.MultiplyAddAdjacent(x, Vector512.Load(query + i));
            b += Avx512BW.MultiplyAddAdjacent(y, Vector512.Load(query + i + 32));
        }
        return Vector512.Sum(a + b);
    }

    internal static int Dot256(sbyte* code, short* query, int count)
    {
        var (a, b) = (Vector256<int>.Zero, Vector256<int>.Zero);
        for (var i = 0; i < count; i += 32)
        {
            a += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(code + i), Vector256.Load(query + i));
            b += Avx2.MultiplyAddAdjacent(Avx2.ConvertToVector256Int16(code + i + 16), Vector256.Load(query + i + 16));
        }
        return Vector256.Sum(a + b);
    }

    internal static int DotPortable(sbyte* code, short* query, int count)
    {
        var codes = MemoryMarshal.CreateReadOnlySpan(ref *code, count);
        var sum = 0;
        for (var i = 0; i < codes.Length; i++)
            sum += codes[i] * query[i];
        return sum;
    }
}
