using System.Runtime.Intrinsics.X86;
using CsCheck;
using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Kernels;

public sealed unsafe class ScalarCodeTests
{
    static readonly Gen<(int Dimensions, int Offset, int Seed)> Cases =
        Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 63], Gen.Int[0, int.MaxValue - 1]);

    [Fact]
    public void EveryPathOfTheProduct_IsExact() => Cases.Sample(
        c =>
        {
            var random = new Random(c.Seed);
            var count = Rotation.Pad(c.Dimensions);
            using var code = new NativeBuffer<sbyte>(count, c.Offset);
            using var query = new NativeBuffer<short>(count, c.Offset / 2 * 2);
            var range = Math.Min(short.MaxValue, int.MaxValue / (127 * count));
            var expected = 0L;
            for (var i = 0; i < count; i++)
            {
                code.Span[i] = (sbyte)random.Next(-127, 128);
                query.Span[i] = (short)random.Next(-range, range + 1);
                expected += code.Span[i] * query.Span[i];
            }
            Assert.Equal(expected, Int8Dot.Dot(code.Pointer, query.Pointer, count));
            Assert.Equal(expected, Int8Dot.DotPortable(code.Pointer, query.Pointer, count));
            if (Avx2.IsSupported)
                Assert.Equal(expected, Int8Dot.Dot256(code.Pointer, query.Pointer, count));
        },
        iter: 300);

    [Theory]
    [InlineData(64)]
    [InlineData(576)]
    [InlineData(4096)]
    public void TheLargestProduct_DoesNotOverflow(int count)
    {
        using var values = new NativeBuffer<float>(count);
        using var code = new NativeBuffer<sbyte>(count);
        using var query = new NativeBuffer<short>(count);
        values.Span.Fill(1);
        ScalarCode.Encode8(values.Pointer, code.Pointer, count);
        ScalarCode.Encode16(values.Pointer, query.Pointer, count);
        var expected = (long)count * 127 * query.Span[0];
        Assert.Equal(expected, Int8Dot.Dot(code.Pointer, query.Pointer, count));
    }

    [Fact]
    public void CodesAndTails_StayWithinTheirStep() => Cases.Sample(
        c =>
        {
            var count = Rotation.Pad(c.Dimensions);
            using var values = new NativeBuffer<float>(new VectorGen(c.Seed, count).Normal(), c.Offset / 4 * 4);
            using var code = new NativeBuffer<sbyte>(count, c.Offset);
            using var wide = new NativeBuffer<short>(count);
            using var tail = new NativeBuffer<byte>(count / 2, c.Offset);
            using var sixteenths = new NativeBuffer<sbyte>(count, c.Offset);
            var scale = ScalarCode.Encode8(values.Pointer, code.Pointer, count);
            var fine = ScalarCode.Encode16(values.Pointer, wide.Pointer, count);
            ScalarCode.EncodeTail(values.Pointer, code.Pointer, scale, tail.Pointer, count);
            ScalarCode.DecodeTail(tail.Pointer, sixteenths.Pointer, count);
            for (var i = 0; i < count; i++)
            {
                Assert.InRange(values.Span[i] - scale * code.Span[i], -0.501f * scale, 0.501f * scale);
                Assert.InRange(values.Span[i] - fine * wide.Span[i], -0.51f * fine, 0.51f * fine);
                var both = scale * (code.Span[i] + sixteenths.Span[i] / 16f);
                Assert.InRange(values.Span[i] - both, -0.07f * scale, 0.07f * scale);
            }
        },
        iter: 200);

    [Fact]
    public void ZerosAndDenormals_HaveScaleZero()
    {
        using var values = new NativeBuffer<float>(64);
        using var code = new NativeBuffer<sbyte>(64);
        Assert.Equal(0, ScalarCode.Encode8(values.Pointer, code.Pointer, 64));
        values.Span[3] = float.Epsilon;
        Assert.Equal(0, ScalarCode.Encode8(values.Pointer, code.Pointer, 64));
        Assert.All(code.Span.ToArray(), x => Assert.Equal(0, x));
    }
}
