using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>The fast Walsh-Hadamard transform in place. Additions in one order whatever the instruction set.</summary>
public static unsafe class Hadamard
{
    /// <param name="values">float32, <paramref name="count"/> of them.</param>
    /// <param name="count">A power of two, at least 8.</param>
    /// <param name="scale">Multiplies the result; 1/√count makes the transform orthonormal.</param>
    public static void Transform(float* values, int count, float scale)
    {
        var factor = Vector256.Create(scale);
        for (var i = 0; i < count; i += 8)
            (InRegister(Vector256.Load(values + i)) * factor).Store(values + i);
        var width = 8;
        for (; width * 4 <= count; width *= 4)
            TwoStages(values, count, width);
        if (width < count)
            OneStage(values, count, width);
    }

    // The three stages of neighbours 1, 2 and 4 apart: each is (partner + self) below, (partner - self) above.
    static Vector256<float> InRegister(Vector256<float> x)
    {
        x = Vector256.Shuffle(x, Vector256.Create(1, 0, 3, 2, 5, 4, 7, 6))
            + (x.AsUInt32() ^ Vector256.Create(0u, 1u << 31, 0, 1u << 31, 0, 1u << 31, 0, 1u << 31)).AsSingle();
        x = Vector256.Shuffle(x, Vector256.Create(2, 3, 0, 1, 6, 7, 4, 5))
            + (x.AsUInt32() ^ Vector256.Create(0u, 0, 1u << 31, 1u << 31, 0, 0, 1u << 31, 1u << 31)).AsSingle();
        return Vector256.Shuffle(x, Vector256.Create(4, 5, 6, 7, 0, 1, 2, 3))
            + (x.AsUInt32() ^ Vector256.Create(0u, 0, 0, 0, 1u << 31, 1u << 31, 1u << 31, 1u << 31)).AsSingle();
    }

    static void TwoStages(float* values, int count, int width)
    {
        for (var start = 0; start < count; start += 4 * width)
            for (var i = start; i < start + width; i += 8)
            {
                var a = Vector256.Load(values + i);
                var b = Vector256.Load(values + i + width);
                var c = Vector256.Load(values + i + 2 * width);
                var d = Vector256.Load(values + i + 3 * width);
                var (ab, amb, cd, cmd) = (a + b, a - b, c + d, c - d);
                (ab + cd).Store(values + i);
                (amb + cmd).Store(values + i + width);
                (ab - cd).Store(values + i + 2 * width);
                (amb - cmd).Store(values + i + 3 * width);
            }
    }

    static void OneStage(float* values, int count, int width)
    {
        for (var start = 0; start < count; start += 2 * width)
            for (var i = start; i < start + width; i += 8)
            {
                var a = Vector256.Load(values + i);
                var b = Vector256.Load(values + i + width);
                (a + b).Store(values + i);
                (a - b).Store(values + i + width);
            }
    }
}
