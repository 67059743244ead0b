using System.Numerics;
using System.Numerics.Tensors;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>
/// How many of a search's nearest points each sub-cluster probably has. The scores of its rows are taken to be normally distributed; the
/// score that as many rows exceed as are wanted is searched for, and what a sub-cluster has above it is its share.
/// </summary>
static class ExpectedHits
{
    /// <summary>
    /// Real scores have more at their upper end than a normal distribution of their variance; a wider one comes nearer to it there
    /// (measured: docs/routing.md).
    /// </summary>
    const float VarianceFactor = 3f;

    /// <summary>
    /// Of the mean deviation: below it a sub-cluster of few rows would be believed to know its scores better than anybody knows the bound.
    /// </summary>
    const float DeviationLeast = 0.05f;

    /// <summary>As many as halving the range would need, where Newton's steps lead astray because rows are all but equal.</summary>
    const int StepsMost = 24;

    /// <summary>Of the wanted rows: so near is near enough.</summary>
    const float Tolerance = 0.002f;

    /// <summary>Beyond so many deviations a sub-cluster is all above the bound, or all below.</summary>
    const float Furthest = 8;

    // The upper tail of the normal distribution as 1 / (1 + exp(-(A z + B z³))), within 0.0002 of it (Bowling et al., "A logistic
    // approximation to the cumulative normal distribution", 2009).
    const float A = 1.5976f;
    const float B = 0.07056f;
    const float Log2E = 1.442695f;

    /// <summary>
    /// One number a sub-cluster in each: `counts` rows, `means` and `deviations` of their scores (the latter are changed), and, to be
    /// filled, `hits`: how many of the `wanted` best rows to expect.
    /// </summary>
    public static void Find(
        ReadOnlySpan<float> counts, ReadOnlySpan<float> means, Span<float> deviations, int wanted, Span<float> hits)
    {
        var all = TensorPrimitives.Sum(counts);
        if (all <= wanted)
        {
            counts.CopyTo(hits);
            return;
        }
        TensorPrimitives.Multiply(deviations, MathF.Sqrt(VarianceFactor), deviations);
        TensorPrimitives.Max(deviations, Math.Max(1e-12f, DeviationLeast * TensorPrimitives.Average<float>(deviations)), deviations);
        var margin = Furthest * TensorPrimitives.Max<float>(deviations);
        var (low, high) = (TensorPrimitives.Min(means) - margin, TensorPrimitives.Max(means) + margin);
        TensorPrimitives.Reciprocal(deviations, deviations);
        // Where it would be, or a little above, if all rows together were normally distributed.
        var middle = TensorPrimitives.Dot(counts, means) / all;
        TensorPrimitives.Subtract(means, middle, hits);
        TensorPrimitives.Multiply(hits, hits, hits);
        var variance = TensorPrimitives.Dot<float>(counts, hits) / all;
        var bound = Math.Clamp(middle + MathF.Sqrt(2 * variance * MathF.Log(all / wanted)), low, high);
        for (var step = 0; step < StepsMost; step++)
        {
            var (above, slope) = Above(counts, means, deviations, bound, hits);
            if (Math.Abs(above - wanted) <= Tolerance * wanted)
                return;
            if (above > wanted)
                low = bound;
            else
                high = bound;
            // Newton's step on the logarithm, which is nearly straight where few are above; half of what is left where it leads astray.
            var next = bound + above * MathF.Log(above / wanted) / slope;
            bound = next > low && next < high ? next : low + (high - low) / 2;
        }
        // Of the two ends the one that leaves no fewer than wanted above.
        Above(counts, means, deviations, low, hits);
    }

    /// <summary>
    /// How many rows are above `bound`, and how many fewer were above one that is higher by 1. `inverses`: of the deviations. Fused, with
    /// widths of the machine's, because this is most of what choosing computes.
    /// </summary>
    static (float Sum, float Slope) Above(
        ReadOnlySpan<float> counts, ReadOnlySpan<float> means, ReadOnlySpan<float> inverses, float bound, Span<float> hits)
    {
        var (sum, slope) = (Vector<float>.Zero, Vector<float>.Zero);
        var i = 0;
        for (; i + Vector<float>.Count <= hits.Length; i += Vector<float>.Count)
        {
            var part = Part(new(counts[i..]), new(means[i..]), new(inverses[i..]), bound, ref slope);
            part.CopyTo(hits[i..]);
            sum += part;
        }
        if (i < hits.Length)
        {
            // The rest with zeros behind it.
            Span<float> rest = stackalloc float[3 * Vector<float>.Count];
            rest.Clear();
            counts[i..].CopyTo(rest);
            means[i..].CopyTo(rest[Vector<float>.Count..]);
            inverses[i..].CopyTo(rest[(2 * Vector<float>.Count)..]);
            var part = Part(
                new(rest), new(rest[Vector<float>.Count..]), new(rest[(2 * Vector<float>.Count)..]), bound, ref slope);
            part.CopyTo(rest);
            rest[..(hits.Length - i)].CopyTo(hits[i..]);
            sum += part;
        }
        return (Vector.Sum(sum), Vector.Sum(slope));
    }

    static Vector<float> Part(
        Vector<float> count, Vector<float> mean, Vector<float> inverse, float bound, ref Vector<float> slope)
    {
        var z = Vector.Clamp((mean - new Vector<float>(bound)) * inverse, new(-Furthest), new(Furthest));
        var square = z * z;
        var power = z * (new Vector<float>(-A * Log2E) - B * Log2E * square);
        var share = Vector<float>.One / (Vector<float>.One + Exp2(power));
        var part = count * share;
        slope += part * (Vector<float>.One - share) * (new Vector<float>(A) + 3 * B * square) * inverse;
        return part;
    }

    /// <summary>
    /// 2 to the power of x, from -126 to 127, within 0.00005 of it (the series of 2^x to the fourth power): nearer than the logistic
    /// approximation is to what it stands for.
    /// </summary>
    static Vector<float> Exp2(Vector<float> x)
    {
        var whole = Vector.Round(x);
        var rest = x - whole;
        var power = Vector<float>.One + rest * (new Vector<float>(0.6931472f)
            + rest * (new Vector<float>(0.2402265f) + rest * (new Vector<float>(0.0555041f) + 0.0096181f * rest)));
        var scale = (Vector.ConvertToInt32(whole) + new Vector<int>(127)) << 23;
        return power * Vector.AsVectorSingle(scale);
    }
}
