using System.Numerics.Tensors;
using CsCheck;
using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Kernels;

public sealed class RotationTests
{
    [Fact]
    public void Products_AreKept() => Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 1 << 30]).Sample(
        (dimensions, seed) =>
        {
            var vectors = new VectorGen(seed, dimensions);
            var (left, right) = (vectors.Normal(), vectors.Normal());
            var rotation = new Rotation(dimensions, (ulong)seed);
            var rotatedLeft = new float[rotation.PaddedDimensions];
            var rotatedRight = new float[rotation.PaddedDimensions];
            rotation.Apply(left, rotatedLeft);
            rotation.Apply(right, rotatedRight);
            var tolerance = 1e-5f * TensorPrimitives.Norm<float>(left) * TensorPrimitives.Norm<float>(right);
            Assert.Equal(TensorPrimitives.Dot<float>(left, right), TensorPrimitives.Dot<float>(rotatedLeft, rotatedRight), tolerance);
        },
        iter: 300);

    // The sum was noted from this implementation with AVX-512 and holds on every path: a checkpoint written on one machine
    // is read on another. If this fails, GraphCheckpoint.FormatVersion must rise.
    [Theory]
    [InlineData(384, 0xFDB97531UL)]
    [InlineData(768, 0xFDB97531UL)]
    [InlineData(100, 1UL)]
    public void EveryPath_GivesTheSameBits(int dimensions, ulong seed)
    {
        var vector = new float[dimensions];
        for (var i = 0; i < dimensions; i++)
            vector[i] = (i * 37 % 101 - 50) / 32f;
        var rotation = new Rotation(dimensions, seed);
        var rotated = new float[rotation.PaddedDimensions];
        rotation.Apply(vector, rotated);
        Assert.Equal(Reference(vector, seed, rotation.PaddedDimensions), rotated);
    }

    [Fact]
    public void OneCoordinate_IsSpreadOverAll()
    {
        var rotation = new Rotation(768, 7);
        var rotated = new float[768];
        var unit = new float[768];
        unit[5] = 1;
        rotation.Apply(unit, rotated);
        Assert.InRange(rotated.Max(MathF.Abs), 0, 0.3f);
    }

    // The definition, one number at a time and in the order of additions that the class promises.
    static float[] Reference(float[] vector, ulong seed, int padded)
    {
        var random = new SplitMix(seed);
        var x = new float[padded];
        vector.CopyTo(x, 0);
        var length = 1 << int.Log2(padded);
        for (var round = 0; round < 4; round++)
        {
            for (var i = 0; i < padded; i++)
                x[i] = random.Next() >> 63 == 1 ? -x[i] : x[i];
            var start = round % 2 == 0 ? 0 : padded - length;
            Transform(x.AsSpan(start, length), (float)(1 / Math.Sqrt(length)));
            if (length == padded)
                continue;
            for (var i = 0; i < padded / 2; i++)
            {
                var (a, b) = (x[i], x[i + padded / 2]);
                x[i] = (a + b) * (float)Math.Sqrt(0.5);
                x[i + padded / 2] = (a - b) * (float)Math.Sqrt(0.5);
            }
        }
        return x;
    }

    static void Transform(Span<float> x, float scale)
    {
        for (var width = 1; width < x.Length; width *= 2)
        {
            for (var i = 0; i < x.Length; i++)
                if ((i & width) == 0)
                    (x[i], x[i + width]) = (x[i] + x[i + width], x[i] - x[i + width]);
            if (width == 4)
                foreach (ref var number in x)
                    number *= scale;
        }
    }
}
