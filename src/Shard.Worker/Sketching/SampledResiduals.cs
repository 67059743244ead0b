using System.Numerics.Tensors;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>How the rows of a sample lie around the means of their sub-clusters; those without rows are left out.</summary>
sealed class SampledResiduals
{
    readonly double[] _squares;

    public SampledResiduals(float[][] rows, SubClusters clusters)
    {
        Rows = new float[rows.Length][];
        _squares = new double[rows.Length];
        var (sizes, sums) = (new int[clusters.Means.Length], new double[clusters.Means.Length]);
        for (var i = 0; i < rows.Length; i++)
        {
            var owner = clusters.Owners[i];
            Rows[i] = new float[rows[i].Length];
            TensorPrimitives.Subtract(rows[i], clusters.Means[owner], Rows[i]);
            _squares[i] = TensorPrimitives.SumOfSquares<float>(Rows[i]);
            sizes[owner]++;
            sums[owner] += _squares[i];
        }
        var used = Enumerable.Range(0, sizes.Length).Where(c => sizes[c] > 0).ToList();
        (Means, Sizes) = ([.. used.Select(c => clusters.Means[c])], [.. used.Select(c => sizes[c])]);
        Spreads = [.. used.Select(c => sums[c] / sizes[c])];
        var expected = clusters.Owners.Select(owner => sums[owner] / sizes[owner]);
        SpreadVariance = _squares.Zip(expected, (square, mean) => Squared(square - mean)).Average();
        Reach = _squares.Max();
    }

    /// <summary>Each row less the mean of its sub-cluster.</summary>
    public float[][] Rows { get; }

    public float[][] Means { get; }

    /// <summary>Rows of each sub-cluster, at least one.</summary>
    public int[] Sizes { get; }

    /// <summary>Mean squared distance to the mean, of each sub-cluster.</summary>
    public double[] Spreads { get; }

    /// <summary>Variance of the squared distances within their sub-clusters.</summary>
    public double SpreadVariance { get; }

    /// <summary>The largest squared distance of a row to its mean.</summary>
    public double Reach { get; }

    /// <summary>Which part of all squared distances lies along each of some directions of norm 1.</summary>
    public float[] SharesAlong(float[][] axes)
    {
        var all = _squares.Sum();
        return [.. axes.Select(axis =>
            all > 0 ? (float)(Rows.Sum(row => Squared(TensorPrimitives.Dot<float>(row, axis))) / all) : 0)];
    }

    static double Squared(double value) => value * value;
}
