using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// Products of queries and rows that have one byte a number, in register tiles, exact in 32 bits: a third of the instructions that
/// float32 takes, and a quarter of its memory. Queries have 7 bits, because vpmaddubsw takes one side without a sign and adds pairs in
/// 16 bits. Both sides are 32-byte aligned, one after another, padded to a multiple of 32, rows with zeros.
/// </summary>
internal static unsafe class ByteScores
{
    /// <summary>Queries in the widest tile.</summary>
    public const int QueryTile = 2;

    /// <summary>Rows in every tile; a caller passes a multiple of it.</summary>
    public const int RowTile = 4;

    /// <summary>Numbers of a query are at most this large.</summary>
    public const int QueryRange = 63;

    /// <summary>What is added to the numbers of a query, so that none has a sign.</summary>
    public const int QueryOffset = 64;

    const int Lanes = 32;

    public static bool IsSupported => Avx2.IsSupported;

    /// <summary>Bytes from one padded row to the next.</summary>
    public static int Stride(int dimensions) => (dimensions + Lanes - 1) / Lanes * Lanes;

    /// <summary>
    /// Σ query·row of every pair, the <see cref="QueryOffset"/> included: <paramref name="products"/>, queryCount x rowCount.
    /// </summary>
    /// <param name="queries">1 to 127.</param>
    /// <param name="queryCount">1 or <see cref="QueryTile"/>.</param>
    /// <param name="rows">-127 to 127.</param>
    /// <param name="rowCount">A multiple of <see cref="RowTile"/>.</param>
    /// <param name="stride">At most 4,096.</param>
    /// <param name="products">To be filled.</param>
    public static void Multiply(byte* queries, int queryCount, sbyte* rows, int rowCount, int stride, int* products)
    {
        if (queryCount == QueryTile)
            for (var row = 0; row < rowCount; row += RowTile)
                TwoByFour(queries, rows + (nint)row * stride, stride, products + row, rowCount);
        else
            for (var row = 0; row < rowCount; row += RowTile)
                OneByFour(queries, rows + (nint)row * stride, stride, products + row);
    }

    static void TwoByFour(byte* queries, sbyte* rows, int stride, int* products, int productStride)
    {
        Vector256<int> s00 = default, s01 = default, s02 = default, s03 = default;
        Vector256<int> s10 = default, s11 = default, s12 = default, s13 = default;
        for (var i = 0; i < stride; i += Lanes)
        {
            var p = Vector256.LoadAligned(queries + i);
            var q = Vector256.LoadAligned(queries + stride + i);
            var row = Vector256.LoadAligned(rows + i);
            (s00, s10) = (s00 + Fours(p, row), s10 + Fours(q, row));
            row = Vector256.LoadAligned(rows + stride + i);
            (s01, s11) = (s01 + Fours(p, row), s11 + Fours(q, row));
            row = Vector256.LoadAligned(rows + 2 * stride + i);
            (s02, s12) = (s02 + Fours(p, row), s12 + Fours(q, row));
            row = Vector256.LoadAligned(rows + 3 * stride + i);
            (s03, s13) = (s03 + Fours(p, row), s13 + Fours(q, row));
        }
        Sums(s00, s01, s02, s03).Store(products);
        Sums(s10, s11, s12, s13).Store(products + productStride);
    }

    static void OneByFour(byte* query, sbyte* rows, int stride, int* products)
    {
        Vector256<int> s0 = default, s1 = default, s2 = default, s3 = default;
        for (var i = 0; i < stride; i += Lanes)
        {
            var q = Vector256.LoadAligned(query + i);
            s0 += Fours(q, Vector256.LoadAligned(rows + i));
            s1 += Fours(q, Vector256.LoadAligned(rows + stride + i));
            s2 += Fours(q, Vector256.LoadAligned(rows + 2 * stride + i));
            s3 += Fours(q, Vector256.LoadAligned(rows + 3 * stride + i));
        }
        Sums(s0, s1, s2, s3).Store(products);
    }

    /// <summary>The sums of four products each.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector256<int> Fours(Vector256<byte> query, Vector256<sbyte> row) =>
        Avx2.MultiplyAddAdjacent(Avx2.MultiplyAddAdjacent(query, row), Vector256<short>.One);

    /// <summary>The sum of each of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    static Vector128<int> Sums(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d)
    {
        var sums = Avx2.HorizontalAdd(Avx2.HorizontalAdd(a, b), Avx2.HorizontalAdd(c, d));
        return sums.GetLower() + sums.GetUpper();
    }
}
