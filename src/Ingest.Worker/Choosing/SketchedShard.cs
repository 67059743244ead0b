using System.Numerics.Tensors;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>A shard's sketch, ready to be asked how the scores of its rows lie for a query. Immutable, thread-safe.</summary>
public sealed class SketchedShard
{
    /// <summary>Far more than any shard sends; what comes from elsewhere must not take the whole stack.</summary>
    const int AxesMax = 1_024;

    readonly float[] _center;
    readonly sbyte[] _means;
    readonly float[] _meanScales;
    readonly float[] _spreads;
    readonly float _spreadVariance;
    readonly sbyte[] _axes;
    readonly float[] _axisScales;
    readonly float[] _axisShares;
    readonly float _restShare;
    readonly Lazy<MeansApart> _apart;

    SketchedShard(ShardSketched sketch)
    {
        (Shard, Life, Revision, Epoch, Dimensions) = (sketch.Shard, sketch.Life, sketch.Revision, sketch.Epoch, sketch.Dimensions);
        _center = VectorBytes.ToFloats(sketch.Center);
        _means = VectorCodes.FromBytes(sketch.Means, Dimensions);
        _meanScales = VectorBytes.ToFloats(sketch.MeanScales);
        Counts = VectorBytes.ToFloats(sketch.Counts);
        _spreads = Steadied(VectorBytes.ToFloats(sketch.Spreads), Counts);
        _spreadVariance = sketch.SpreadVariance;
        _axes = VectorCodes.FromBytes(sketch.Axes, Dimensions);
        _axisScales = VectorBytes.ToFloats(sketch.AxisScales);
        _axisShares = VectorBytes.ToFloats(sketch.AxisShares);
        _restShare = Math.Max(0, 1 - _axisShares.Sum()) / Math.Max(1, Dimensions - _axisShares.Length);
        _apart = new(FindApart);
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
        var (k, r, d) = (sketch.Counts.Length / sizeof(float), sketch.AxisShares.Length / sizeof(float), (long)sketch.Dimensions);
        byte[][] ofMeans = [sketch.Counts, sketch.Spreads, sketch.MeanScales];
        byte[][] ofAxes = [sketch.AxisShares, sketch.AxisScales];
        var isWhole = k > 0 && r <= AxesMax && d is > 0 and <= Limits.DimensionsMax && sketch.Center.Length == d * sizeof(float)
            && ofMeans.All(bytes => bytes.Length == k * sizeof(float)) && sketch.Means.Length == k * d
            && ofAxes.All(bytes => bytes.Length == r * sizeof(float)) && sketch.Axes.Length == r * d;
        return isWhole ? new(sketch) : null;
    }

    /// <summary>
    /// Fills in, for each sub-cluster, the mean of its rows' products with `query` and their standard deviation.
    /// </summary>
    internal void Products(CodedQuery query, Span<float> means, Span<float> deviations)
    {
        Span<float> parts = stackalloc float[_axisShares.Length];
        query.Products(_axes, _axisScales, parts);
        var (along, variance) = (0f, 0f);
        for (var a = 0; a < parts.Length; a++)
        {
            var square = parts[a] * parts[a];
            along += square;
            variance += square * _axisShares[a];
        }
        variance += Math.Max(0, query.SumOfSquares - along) * _restShare;
        query.Products(_means, _meanScales, means);
        TensorPrimitives.Add(means, query.Dot(_center), means);
        TensorPrimitives.Multiply(_spreads, variance, deviations);
        TensorPrimitives.Sqrt(deviations, deviations);
    }

    /// <summary>
    /// As <see cref="Products"/> for the negative squared distance, which for a row m + r is -|m - q|² - 2 r(m - q) - |r|².
    /// </summary>
    internal void Distances(ReadOnlySpan<float> query, Span<float> means, Span<float> deviations)
    {
        Span<float> offset = stackalloc float[Dimensions];
        TensorPrimitives.Subtract(query, _center, offset);
        var coded = new CodedQuery(offset, stackalloc short[VectorCodes.Stride(Dimensions)]);
        Span<float> parts = stackalloc float[_axisShares.Length];
        coded.Products(_axes, _axisScales, parts);
        coded.Products(_means, _meanScales, means);
        var (square, apart) = (coded.SumOfSquares, _apart.Value);
        for (var c = 0; c < means.Length; c++)
        {
            var distance = Math.Max(0, square - 2 * means[c] + apart.Squares[c]);
            var (along, variance) = (0f, 0f);
            for (var a = 0; a < parts.Length; a++)
            {
                var part = apart.Along[c * parts.Length + a] - parts[a];
                along += part * part;
                variance += part * part * _axisShares[a];
            }
            variance += Math.Max(0, distance - along) * _restShare;
            means[c] = -distance - _spreads[c];
            deviations[c] = MathF.Sqrt(4 * variance * _spreads[c] + _spreadVariance);
        }
    }

    /// <summary>What only distances need.</summary>
    MeansApart FindApart()
    {
        var apart = new MeansApart(new float[Counts.Length], new float[Counts.Length * _axisShares.Length]);
        var stride = VectorCodes.Stride(Dimensions);
        var (mean, code) = (new float[Dimensions], new short[stride]);
        for (var c = 0; c < Counts.Length; c++)
        {
            for (var d = 0; d < mean.Length; d++)
                mean[d] = _meanScales[c] * _means[c * stride + d];
            var coded = new CodedQuery(mean, code);
            apart.Squares[c] = coded.SumOfSquares;
            coded.Products(_axes, _axisScales, apart.Along.AsSpan(c * _axisShares.Length, _axisShares.Length));
        }
        return apart;
    }

    /// <summary>The spread of few rows says little: it is drawn to the shard's as if one more row had that.</summary>
    static float[] Steadied(float[] spreads, float[] counts)
    {
        var all = TensorPrimitives.Dot<float>(spreads, counts) / Math.Max(1, TensorPrimitives.Sum<float>(counts));
        return [.. spreads.Zip(counts, (spread, count) => (spread * count + all) / (count + 1))];
    }

    /// <summary>Of each mean less the center: its square, and its products with the axes.</summary>
    sealed record MeansApart(float[] Squares, float[] Along);
}
