using System.Numerics.Tensors;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>A shard's sketch, ready to be asked how the scores of its rows lie for a query. Immutable, thread-safe.</summary>
public sealed class SketchedShard
{
    /// <summary>Far more than any shard sends; what comes from elsewhere must not take the whole stack.</summary>
    const int AxesMax = 1_024;

    readonly float[] _means;
    readonly float[] _spreads;
    readonly float _spreadVariance;
    readonly float[] _axes;
    readonly float[] _axisShares;
    readonly float[] _axisMeans;
    readonly float _restShare;

    SketchedShard(ShardSketched sketch)
    {
        (Shard, Life, Revision, Epoch, Dimensions) = (sketch.Shard, sketch.Life, sketch.Revision, sketch.Epoch, sketch.Dimensions);
        _means = VectorBytes.ToFloatsFromHalves(sketch.Means);
        TensorPrimitives.Multiply(_means, sketch.Scale, _means);
        Counts = VectorBytes.ToFloats(sketch.Counts);
        _spreads = Steadied(VectorBytes.ToFloats(sketch.Spreads), Counts);
        _spreadVariance = sketch.SpreadVariance;
        _axes = VectorBytes.ToFloatsFromHalves(sketch.Axes);
        _axisShares = VectorBytes.ToFloats(sketch.AxisShares);
        _axisMeans = new float[Counts.Length * _axisShares.Length];
        for (var c = 0; c < Counts.Length; c++)
            for (var a = 0; a < _axisShares.Length; a++)
                _axisMeans[c * _axisShares.Length + a] = TensorPrimitives.Dot(Mean(c), Axis(a));
        _restShare = Math.Max(0, 1 - _axisShares.Sum()) / Math.Max(1, Dimensions - _axisShares.Length);
    }

    public int Shard { get; }

    public Guid Life { get; }

    public long Revision { get; }

    public int Epoch { get; }

    public int Dimensions { get; }

    /// <summary>Rows of each sub-cluster.</summary>
    public float[] Counts { get; }

    /// <summary>Reads a message; null where its parts do not fit each other.</summary>
    public static SketchedShard? From(ShardSketched sketch)
    {
        var (k, r, vectorBytes) = (sketch.Counts.Length / sizeof(float), sketch.AxisShares.Length / sizeof(float), sketch.Dimensions * 2L);
        var isWhole = k > 0 && r <= AxesMax && sketch.Dimensions > 0
            && sketch.Counts.Length == k * sizeof(float) && sketch.Spreads.Length == k * sizeof(float)
            && sketch.AxisShares.Length == r * sizeof(float)
            && sketch.Means.Length == k * vectorBytes && sketch.Axes.Length == r * vectorBytes;
        return isWhole ? new(sketch) : null;
    }

    /// <summary>
    /// Fills in, for each sub-cluster, the mean of its rows' products with `query` and their standard deviation.
    /// </summary>
    public void Products(ReadOnlySpan<float> query, Span<float> means, Span<float> deviations)
    {
        var (along, variance) = (0f, 0f);
        for (var a = 0; a < _axisShares.Length; a++)
        {
            var part = TensorPrimitives.Dot(query, Axis(a));
            along += part * part;
            variance += part * part * _axisShares[a];
        }
        variance += Math.Max(0, TensorPrimitives.SumOfSquares(query) - along) * _restShare;
        for (var c = 0; c < Counts.Length; c++)
        {
            means[c] = TensorPrimitives.Dot(query, Mean(c));
            deviations[c] = MathF.Sqrt(variance * _spreads[c]);
        }
    }

    /// <summary>
    /// As <see cref="Products"/> for the negative squared distance, which for a row m + r is -|m - q|² - 2 r(m - q) - |r|².
    /// </summary>
    public void Distances(ReadOnlySpan<float> query, Span<float> means, Span<float> deviations)
    {
        Span<float> parts = stackalloc float[_axisShares.Length];
        for (var a = 0; a < parts.Length; a++)
            parts[a] = TensorPrimitives.Dot(query, Axis(a));
        for (var c = 0; c < Counts.Length; c++)
        {
            var distance = TensorPrimitives.Distance(query, Mean(c));
            var (along, variance) = (0f, 0f);
            for (var a = 0; a < parts.Length; a++)
            {
                var part = _axisMeans[c * parts.Length + a] - parts[a];
                along += part * part;
                variance += part * part * _axisShares[a];
            }
            variance += Math.Max(0, distance * distance - along) * _restShare;
            means[c] = -(distance * distance) - _spreads[c];
            deviations[c] = MathF.Sqrt(4 * variance * _spreads[c] + _spreadVariance);
        }
    }

    ReadOnlySpan<float> Mean(int subCluster) => _means.AsSpan(subCluster * Dimensions, Dimensions);

    ReadOnlySpan<float> Axis(int axis) => _axes.AsSpan(axis * Dimensions, Dimensions);

    /// <summary>The spread of few rows says little: it is drawn to the shard's as if one more row had that.</summary>
    static float[] Steadied(float[] spreads, float[] counts)
    {
        var all = TensorPrimitives.Dot<float>(spreads, counts) / Math.Max(1, TensorPrimitives.Sum<float>(counts));
        return [.. spreads.Zip(counts, (spread, count) => (spread * count + all) / (count + 1))];
    }
}
