using System.Numerics.Tensors;
using CsCheck;
using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Kernels;

public sealed unsafe class SignCodeTests
{
    [Fact]
    public void FactorsAndSigns_FollowTheDefinition() => Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 1 << 30]).Sample(
        (dimensions, seed) =>
        {
            var count = Rotation.Pad(dimensions);
            var random = new Random(seed);
            using var vector = new NativeBuffer<sbyte>(count, seed % 61);
            using var center = new NativeBuffer<sbyte>(count, seed % 37);
            using var signs = new NativeBuffer<ulong>(count / 64);
            random.NextBytes(new Span<byte>(vector.Pointer, count));
            random.NextBytes(new Span<byte>(center.Pointer, count));
            var factors = SignCode.Encode(new(vector.Pointer, 0.01f), new(center.Pointer, 0.02f), count, signs.Pointer);
            double length = 0, square = 0, along = 0;
            for (var i = 0; i < count; i++)
            {
                var c = 0.02f * center.Span[i];
                var r = 0.01f * vector.Span[i] - c;
                Assert.Equal(r > 0, (signs.Span[i / 64] >> i % 64 & 1) == 1);
                length += Math.Abs(r);
                square += (double)r * r;
                along += r > 0 ? c : -c;
            }
            var kappa = square / length;
            Assert.Equal(square, factors.SquaredLength, 1e-4 * square);
            Assert.Equal(4 * kappa, factors.Rescale, 1e-4 * kappa);
            Assert.Equal(square + 2 * kappa * along, factors.Addend, 1e-3 * (square + kappa * length));
        },
        iter: 200);

    [Theory]
    [InlineData(64)]
    [InlineData(384)]
    [InlineData(768)]
    [InlineData(1536)]
    [InlineData(4096)]
    public void Estimates_AreUnbiasedAndAsExactAsTheBoundSays(int count)
    {
        var vectors = new VectorGen(seed: count, count);
        using var codes = new NativeBuffer<byte>(FastScan.CodeBytes(count));
        using var table = new NativeBuffer<byte>(SumTable.Bytes(count));
        using var signs = new NativeBuffer<ulong>(count / 64);
        using var sums = new NativeBuffer<ushort>(FastScan.Width);
        using var addends = new NativeBuffer<float>(FastScan.Width);
        using var rescales = new NativeBuffer<ushort>(FastScan.Width);
        using var estimates = new NativeBuffer<float>(FastScan.Width);
        using var center = new EncodedVector(vectors.Normal());
        using var query = new NativeBuffer<float>(vectors.Normal());
        var neighbors = new EncodedVector[FastScan.Width];
        for (var i = 0; i < neighbors.Length; i++)
        {
            neighbors[i] = new EncodedVector(vectors.Normal());
            var factors = SignCode.Encode(neighbors[i].Code, center.Code, count, signs.Pointer);
            FastScan.Write(codes.Pointer, i, signs.Pointer, count / 64);
            (addends.Span[i], rescales.Span[i]) = (factors.Addend, SignCode.ToHalf(factors.Rescale));
        }
        SumTable.Build(query.Pointer, count, table.Pointer, out var step, out var offset);
        FastScan.Sum(codes.Pointer, table.Pointer, FastScan.CodeBytes(count), sums.Pointer);
        var fromCenter = SquaredDistance(query.Span, center.Decoded);
        var terms = new EstimateTerms(fromCenter, step, offset);
        var limit = 2f * count;
        var below = SignCode.Estimate(sums.Pointer, addends.Pointer, rescales.Pointer, terms, limit, estimates.Pointer);
        var (bias, worst) = (0.0, 0.0);
        for (var i = 0; i < neighbors.Length; i++)
        {
            var error = estimates.Span[i] - SquaredDistance(query.Span, neighbors[i].Decoded);
            bias += error / neighbors.Length;
            worst = Math.Max(worst, Math.Abs(error));
            Assert.Equal(estimates.Span[i] < limit, (below >> i & 1) == 1);
            neighbors[i].Dispose();
        }
        // A residual and the query's distance from the centre have squared norms of about 2·count here, and the direction is
        // lost by a factor of 0.75/√count (α ≈ 0.8): one standard deviation of the doubled product is 3√count.
        var deviation = 3 * Math.Sqrt(count);
        Assert.InRange(worst, 0, 4.5 * deviation);
        Assert.InRange(bias, -deviation, deviation);
    }

    [Fact]
    public void AHalf_KeepsEightBitsAndTheOrder() => Gen.Select(Gen.Float[1e-30f, 1e30f], Gen.Float[1e-30f, 1e30f]).Sample((x, y) =>
    {
        Assert.Equal(x, SignCode.FromHalf(SignCode.ToHalf(x)), x / 256);
        Assert.True(x > y || SignCode.ToHalf(x) <= SignCode.ToHalf(y));
    });

    static float SquaredDistance(ReadOnlySpan<float> left, ReadOnlySpan<float> right)
    {
        var distance = TensorPrimitives.Distance(left, right);
        return distance * distance;
    }

    sealed class EncodedVector : IDisposable
    {
        readonly NativeBuffer<sbyte> _code;
        readonly float _scale;

        public EncodedVector(float[] values)
        {
            using var buffer = new NativeBuffer<float>(values);
            _code = new NativeBuffer<sbyte>(values.Length);
            _scale = ScalarCode.Encode8(buffer.Pointer, _code.Pointer, values.Length);
            Decoded = [.. _code.Span.ToArray().Select(x => _scale * x)];
        }

        public ScaledCode Code => new(_code.Pointer, _scale);

        public float[] Decoded { get; }

        public void Dispose() => _code.Dispose();
    }
}
