using System.Numerics.Tensors;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>
/// How many of a search's nearest points each sub-cluster probably has. The scores of its rows are taken to be normally distributed; the
/// score that as many rows exceed as are wanted is found by bisection, and what a sub-cluster has above it is its share.
/// </summary>
static class ExpectedHits
{
    /// <summary>
    /// Real scores have more at their upper end than a normal distribution of their variance; a wider one comes nearer to it there
    /// (measured: docs/routing.md).
    /// </summary>
    const float VarianceFactor = 3.5f;

    /// <summary>
    /// Of the mean deviation: below it a sub-cluster of few rows would be believed to know its scores better than anybody knows the bound.
    /// </summary>
    const float DeviationLeast = 0.05f;

    /// <summary>Halvings of the range: the bound is known to a hundredth of a deviation then.</summary>
    const int Steps = 16;

    /// <summary>Beyond so many deviations a sub-cluster is all above the bound, or all below.</summary>
    const float Furthest = 8;

    /// <summary>
    /// One number a sub-cluster in each: `counts` rows, `means` and `deviations` of their scores (the latter are changed), and, to be
    /// filled, `hits`: how many of the `wanted` best rows to expect.
    /// </summary>
    public static void Find(
        ReadOnlySpan<float> counts, ReadOnlySpan<float> means, Span<float> deviations, int wanted, Span<float> hits)
    {
        TensorPrimitives.Multiply(deviations, MathF.Sqrt(VarianceFactor), deviations);
        TensorPrimitives.Max(deviations, Math.Max(1e-12f, DeviationLeast * TensorPrimitives.Average<float>(deviations)), deviations);
        var margin = Furthest * TensorPrimitives.Max<float>(deviations);
        var (low, high) = (TensorPrimitives.Min(means) - margin, TensorPrimitives.Max(means) + margin);
        for (var step = 0; step < Steps; step++)
        {
            var middle = low + (high - low) / 2;
            if (Above(counts, means, deviations, middle, hits) > wanted)
                low = middle;
            else
                high = middle;
        }
        // Of the two ends the one that leaves no fewer than wanted above.
        Above(counts, means, deviations, low, hits);
    }

    /// <summary>
    /// The upper tail of the normal distribution as 1 / (1 + exp(-(1.5976 z + 0.07056 z³))), within 0.0002 of it (Bowling et al., "A
    /// logistic approximation to the cumulative normal distribution", 2009).
    /// </summary>
    static float Above(
        ReadOnlySpan<float> counts, ReadOnlySpan<float> means, ReadOnlySpan<float> deviations, float bound, Span<float> hits)
    {
        TensorPrimitives.Subtract(means, bound, hits);
        TensorPrimitives.Divide(hits, deviations, hits);
        for (var i = 0; i < hits.Length; i++)
        {
            var z = Math.Clamp(hits[i], -Furthest, Furthest);
            hits[i] = z * (1.5976f + 0.07056f * z * z);
        }
        TensorPrimitives.Sigmoid(hits, hits);
        TensorPrimitives.Multiply(hits, counts, hits);
        return TensorPrimitives.Sum<float>(hits);
    }
}
