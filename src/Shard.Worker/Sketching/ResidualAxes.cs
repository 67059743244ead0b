using System.Numerics.Tensors;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>
/// The directions in which vectors vary most: leading eigenvectors of their second moments, by subspace iteration (Golub and Van Loan,
/// Matrix Computations, 8.2.4), which needs no matrix of dimensions x dimensions.
/// </summary>
static class ResidualAxes
{
    /// <summary>What matters is how much variance the axes hold together, and that settles long before each of them does.</summary>
    const int Rounds = 4;

    /// <summary>
    /// `residuals`: vectors around zero, at least one. Returns up to `count` orthonormal vectors, fewer where there are fewer directions.
    /// </summary>
    public static float[][] Find(IReadOnlyList<float[]> residuals, int count, int seed, CancellationToken cancellationToken)
    {
        var dimensions = residuals[0].Length;
        var random = new Random(seed);
        var axes = Enumerable.Range(0, Math.Min(count, Math.Min(dimensions, residuals.Count)))
            .Select(_ => Enumerable.Range(0, dimensions).Select(_ => random.NextSingle() - 0.5f).ToArray()).ToArray();
        axes = Orthonormal(axes);
        for (var round = 0; round < Rounds; round++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var next = axes.Select(_ => new float[dimensions]).ToArray();
            foreach (var residual in residuals)
                for (var a = 0; a < axes.Length; a++)
                    TensorPrimitives.MultiplyAdd(residual, TensorPrimitives.Dot<float>(residual, axes[a]), next[a], next[a]);
            axes = Orthonormal(next);
        }
        return axes;
    }

    /// <summary>Gram and Schmidt's way, twice, which is enough in floating point; what is left over of others is dropped.</summary>
    static float[][] Orthonormal(float[][] vectors)
    {
        var kept = new List<float[]>(vectors.Length);
        foreach (var vector in vectors)
        {
            var before = TensorPrimitives.Norm<float>(vector);
            for (var pass = 0; pass < 2; pass++)
                foreach (var axis in kept)
                    TensorPrimitives.MultiplyAdd(axis, -TensorPrimitives.Dot<float>(vector, axis), vector, vector);
            var norm = TensorPrimitives.Norm<float>(vector);
            if (!(norm > before * 1e-4f))
                continue;
            TensorPrimitives.Divide(vector, norm, vector);
            kept.Add(vector);
        }
        return [.. kept];
    }
}
