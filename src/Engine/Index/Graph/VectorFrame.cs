using System.Numerics.Tensors;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The coordinates in which the graph works: relative to a centre, rotated. Distances do not notice; 8-bit codes become
/// finer where the data lie far from the origin. Fixed for the life of a graph; thread-safe.
/// </summary>
internal sealed unsafe class VectorFrame
{
    readonly float[] _center;

    /// <param name="metric">Decides what a search minimises.</param>
    /// <param name="center">float32, the mean of a sample, not rotated.</param>
    /// <param name="seed">Of the rotation.</param>
    public VectorFrame(Metric metric, ReadOnlySpan<float> center, ulong seed)
    {
        Metric = metric;
        Seed = seed;
        Rotation = new Rotation(center.Length, seed);
        _center = new float[Rotation.PaddedDimensions];
        Center = center.ToArray();
        Rotation.Apply(center, _center);
    }

    public Metric Metric { get; }

    public ulong Seed { get; }

    public Rotation Rotation { get; }

    /// <summary>As given: not rotated.</summary>
    public float[] Center { get; }

    /// <summary>Rotates and centres a vector to be stored or linked.</summary>
    public void Place(ReadOnlySpan<float> vector, Span<float> placed)
    {
        Rotation.Apply(vector, placed);
        TensorPrimitives.Subtract(placed, _center, placed);
    }

    /// <summary>
    /// Rotates a query. For the product it is not centred (only the stored side is), and the share of the centre in every
    /// product is returned; 0 for the other metrics.
    /// </summary>
    public float PlaceQuery(ReadOnlySpan<float> vector, Span<float> placed)
    {
        Rotation.Apply(vector, placed);
        if (Metric == Metric.Dot)
            return TensorPrimitives.Dot(placed, _center);
        TensorPrimitives.Subtract(placed, _center, placed);
        return 0;
    }
}
