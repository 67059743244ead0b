using System.Numerics.Tensors;
using VectorDb.TestKit;

namespace VectorDb.Roles.Tests;

/// <summary>Vectors of norm 1 around some centres, from a seed. Not thread-safe.</summary>
sealed class Clusters(int seed, int dimensions)
{
    readonly VectorGen _gen = new(seed, dimensions);

    /// <summary>`spread`: length of what is added to the centre, whose length is 1.</summary>
    public float[] Near(float[] centre, float spread = 0.3f)
    {
        var noise = _gen.Normal();
        var vector = new float[dimensions];
        TensorPrimitives.MultiplyAdd(noise, spread / TensorPrimitives.Norm<float>(noise), centre, vector);
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    public float[][] Many(float[] centre, int count) => [.. Enumerable.Range(0, count).Select(_ => Near(centre))];

    /// <summary>1 at one place, 0 elsewhere; a negative sign makes it the opposite.</summary>
    public float[] Axis(int axis, int sign = 1)
    {
        var vector = new float[dimensions];
        vector[axis] = sign;
        return vector;
    }
}
