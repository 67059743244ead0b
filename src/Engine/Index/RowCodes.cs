using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// Byte codes of a chunk of rows in native memory, and what bounds the error of each: enough to tell most rows that cannot be among the
/// nearest. One thread at a time changes a row that no search reads.
/// </summary>
internal sealed unsafe class RowCodes : IDisposable
{
    /// <summary>With fewer numbers a row is scored as fast as its bound.</summary>
    const int DimensionsMin = 64;

    /// <summary>With more, products need more than 32 bits and rounding more room.</summary>
    const int DimensionsMax = 4_096;

    readonly int _floats;
    readonly int _stride;
    readonly sbyte* _codes;
    readonly float* _facts;
    readonly int _rows;

    /// <param name="rows">A multiple of 64.</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    public RowCodes(int rows, int dimensions)
    {
        (_rows, _floats, _stride) = (rows, RowScores.Stride(dimensions), ByteScores.Stride(dimensions));
        var bytes = (nuint)BytesOf(rows, dimensions);
        _codes = (sbyte*)NativeMemory.AlignedAlloc(bytes, RowScan.Alignment);
        // Zeroed, because the kernel also reads the padding of rows and the rows of a block that are not used.
        NativeMemory.Clear(_codes, bytes);
        _facts = (float*)(_codes + (nint)rows * _stride);
    }

    /// <summary>
    /// Whether codes help with such rows. Not with distances: lengths would have to be known to more digits than float32 has.
    /// </summary>
    public static bool Suit(int dimensions, Metric metric) =>
        ByteScores.IsSupported && metric != Metric.Euclid && dimensions is >= DimensionsMin and <= DimensionsMax;

    public static long BytesOf(int rows, int dimensions) => rows * (ByteScores.Stride(dimensions) + 4L * sizeof(float));

    /// <param name="at">Which row of the chunk.</param>
    /// <param name="row">Padded, 64-byte aligned.</param>
    public void Set(int at, float* row)
    {
        var code = _codes + (nint)at * _stride;
        (_facts[at], _facts[_rows + at], _facts[2 * _rows + at]) = ByteCode.Encode(row, _floats, code, sbyte.MaxValue);
        ((int*)_facts)[3 * _rows + at] = ByteScores.QueryOffset * Sum(new ReadOnlySpan<sbyte>(code, _floats));
    }

    /// <summary>The rows from this one, a multiple of 64.</summary>
    public CodeBlock Block(int at) => new(
        _codes + (nint)at * _stride, _facts + at, _facts + _rows + at, _facts + 2 * _rows + at, (int*)_facts + 3 * _rows + at);

    public void Dispose() => NativeMemory.AlignedFree(_codes);

    static int Sum(ReadOnlySpan<sbyte> code)
    {
        var sum = 0;
        foreach (var number in code)
            sum += number;
        return sum;
    }
}

/// <summary>64 rows in byte codes.</summary>
/// <param name="codes">64 x <see cref="ByteScores.Stride"/>.</param>
/// <param name="scales">Of <see cref="ByteCode"/>, like the next two.</param>
/// <param name="errors">At least the length of what the code lacks.</param>
/// <param name="lengths">At least the length of the row.</param>
/// <param name="offsets">What <see cref="ByteScores.QueryOffset"/> adds to the product of a query and the row.</param>
internal readonly unsafe ref struct CodeBlock(sbyte* codes, float* scales, float* errors, float* lengths, int* offsets)
{
    public sbyte* Codes => codes;

    public float* Scales => scales;

    public float* Errors => errors;

    public float* Lengths => lengths;

    public int* Offsets => offsets;
}
