using VectorDb.Engine;

namespace VectorDb.TestKit;

/// <summary>Vectors and keys from a seed. Not safe for several threads.</summary>
public sealed class VectorGen(int seed, int dimensions)
{
    readonly Random _random = new(seed);

    /// <summary>Numbers from the normal distribution: directions are uniform.</summary>
    public float[] Normal()
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
            vector[i] = (float)NextNormal();
        return vector;
    }

    /// <summary>
    /// Whole numbers from -3 to 3: products and squared distances are exact in float32, and ties are common.
    /// </summary>
    public float[] Whole()
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
            vector[i] = _random.Next(-3, 4);
        return vector;
    }

    /// <summary>Whole numbers, not all zero.</summary>
    public float[] WholeNonZero()
    {
        var vector = Whole();
        if (vector.All(x => x == 0))
            vector[0] = 1;
        return vector;
    }

    /// <summary>A key of 9 bytes, a kind and a number in big-endian order, so that keys sort as numbers do.</summary>
    public static PointKey Key(long number)
    {
        var bytes = new byte[9];
        bytes[0] = 1;
        System.Buffers.Binary.BinaryPrimitives.WriteInt64BigEndian(bytes.AsSpan(1), number);
        return new PointKey(bytes);
    }

    double NextNormal()
    {
        // Box and Muller's transform; 1 - u is never 0.
        var radius = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble()));
        return radius * Math.Cos(2 * Math.PI * _random.NextDouble());
    }
}
