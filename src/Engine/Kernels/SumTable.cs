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
        var (widest, sumOfMinima, total) = (0f, 0f, 0f);
        for (var i = 0; i < count; i += 4)
        {
            var q = Vector128.Load(query + i);
            var range = Vector128.Sum(Vector128.Abs(q));
            var sum = Vector128.Sum(q);
            widest = Math.Max(widest, range);
            sumOfMinima += (sum - range) / 2;
            total += sum;
        }
        step = widest / MaxEntry;
        offset = sumOfMinima - total / 2;
        var factor = step > 0 && float.IsFinite(1 / step) ? 1 / step : 0;
        for (var i = 0; i < count; i += 4)
            FillGroup(query + i, factor, table + i * 4);
    }

    static void FillGroup(float* q, float factor, byte* entries)
    {
        var (a, b, c, d) = (q[0] * factor, q[1] * factor, q[2] * factor, q[3] * factor);
        var minimum = Math.Min(a, 0) + Math.Min(b, 0) + Math.Min(c, 0) + Math.Min(d, 0);
        // Lane i of this vector has the subset of the first two coordinates that bits 0 and 1 of i name, from the minimum up.
        var pairs = Vector128.Create(0, a, b, a + b) - Vector128.Create(minimum);
        var low = Vector256.Create(pairs, pairs + Vector128.Create(c));
        var high = low + Vector256.Create(d);
        var words = Vector256.Narrow(ToInt(low), ToInt(high));
        Vector128.Narrow(words.GetLower(), words.GetUpper()).AsByte().Store(entries);
    }

    // Rounding may reach a hair below zero or above the largest entry.
    static Vector256<int> ToInt(Vector256<float> x) => Vector256.ConvertToInt32(
        Vector256.Min(Vector256.Max(Vector256.Round(x), Vector256<float>.Zero), Vector256.Create((float)MaxEntry)));
}
