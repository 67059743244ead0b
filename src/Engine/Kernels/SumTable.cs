using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// What FastScan looks up: for each group of four coordinates of a rotated query the sums of its 16 subsets, as 6-bit
/// numbers on one common step. Six bits (RaBitQ uses eight) let four groups be added in a byte and 4,096 dimensions in 16
/// bits; the rounding stays several times below the noise of 1-bit codes.
/// </summary>
public static unsafe class SumTable
{
    /// <summary>The largest entry. Four of them fit a byte, 1,024 of them 16 bits.</summary>
    public const int MaxEntry = 63;

    /// <summary>Bytes of the table of a query with this many (padded) dimensions.</summary>
    public static int Bytes(int paddedDimensions) => paddedDimensions * 4;

    /// <summary>
    /// Fills <paramref name="table"/> for <paramref name="query"/> (float32, <paramref name="count"/>, a multiple of 4). With
    /// S the sum of the query's coordinates where a code has a 1, and Q the sum of all: S - Q/2 ≈ step·(sum of looked-up
    /// entries) + offset.
    /// </summary>
    public static void Build(float* query, int count, byte* table, out float step, out float offset)
    {
        var (widest, minima, total) = (Vector128<float>.Zero, Vector128<float>.Zero, Vector128<float>.Zero);
        for (var i = 0; i < count; i += 16)
        {
            // Four groups, one in each quarter; the sums of a group end up in all its places.
            var q = Vector512.Load(query + i);
            var (sums, ranges) = (SumOfQuarters(q), SumOfQuarters(Vector512.Abs(q)));
            widest = Vector128.Max(widest, Largest(ranges));
            minima += FoldQuarters(sums - ranges);
            total += FoldQuarters(sums);
        }
        step = widest.ToScalar() / MaxEntry;
        offset = (minima.ToScalar() - total.ToScalar()) / 2;
        var factor = step > 0 && float.IsFinite(1 / step) ? 1 / step : 0;
        for (var i = 0; i < count; i += 4)
            FillGroup(query + i, factor, table + i * 4);
    }

    static Vector512<float> SumOfQuarters(Vector512<float> x)
    {
        x += Vector512.Shuffle(x, Vector512.Create(2, 3, 0, 1, 6, 7, 4, 5, 10, 11, 8, 9, 14, 15, 12, 13));
        return x + Vector512.Shuffle(x, Vector512.Create(1, 0, 3, 2, 5, 4, 7, 6, 9, 8, 11, 10, 13, 12, 15, 14));
    }

    static Vector128<float> FoldQuarters(Vector512<float> x)
    {
        var half = x.GetLower() + x.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    static Vector128<float> Largest(Vector512<float> x)
    {
        var half = Vector256.Max(x.GetLower(), x.GetUpper());
        return Vector128.Max(half.GetLower(), half.GetUpper());
    }

    // Entry i is the sum of the coordinates that the bits of i name, from the least such sum up.
    static void FillGroup(float* q, float factor, byte* entries)
    {
        var scale = Vector512.Create(factor);
        var (a, b) = (Vector512.Create(q[0]) * scale, Vector512.Create(q[1]) * scale);
        var (c, d) = (Vector512.Create(q[2]) * scale, Vector512.Create(q[3]) * scale);
        var zero = Vector512<float>.Zero;
        var least = Vector512.Min(a, zero) + Vector512.Min(b, zero) + (Vector512.Min(c, zero) + Vector512.Min(d, zero));
        var sums = (a & Named(0)) + (b & Named(1)) + ((c & Named(2)) + (d & Named(3))) - least;
        // Rounding may reach a hair below zero or above the largest entry.
        var whole = Vector512.ConvertToInt32(Vector512.Min(Vector512.Max(Vector512.Round(sums), zero), Vector512.Create((float)MaxEntry)));
        var words = Vector256.Narrow(whole.GetLower(), whole.GetUpper());
        Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte().Store(entries);
    }

    // All bits in the places whose number has the bit.
    static Vector512<float> Named(int bit)
    {
        var places = Vector512.Create(0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15);
        return (Vector512<int>.Zero - ((places >>> bit) & Vector512<int>.One)).AsSingle();
    }
}
