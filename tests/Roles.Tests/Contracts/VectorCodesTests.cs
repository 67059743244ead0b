using CsCheck;
using VectorDb.Contracts;
using VectorDb.TestKit;

namespace VectorDb.Roles.Tests;

public sealed class VectorCodesTests
{
    /// <summary>Vectors, numbers a vector.</summary>
    static readonly Gen<(int, int)> Sizes = Gen.Select(Gen.Int[1, 9], Gen.Int[1, 200]);

    [Fact]
    public void Products_AreThoseOfTheCodes() => Sizes.Sample((count, dimensions) =>
    {
        var random = new Random(count * 1_000 + dimensions);
        var stride = VectorCodes.Stride(dimensions);
        var codes = new sbyte[count * stride];
        var query = new short[stride];
        for (var d = 0; d < dimensions; d++)
        {
            query[d] = (short)random.Next(short.MinValue, short.MaxValue + 1);
            for (var i = 0; i < count; i++)
                codes[i * stride + d] = (sbyte)random.Next(sbyte.MinValue, sbyte.MaxValue + 1);
        }
        var products = new int[count];
        VectorCodes.Products(codes, query, products);
        Assert.Equal(
            Enumerable.Range(0, count).Select(i => Enumerable.Range(0, dimensions).Sum(d => codes[i * stride + d] * query[d])), products);
    });

    /// <summary>As large as products can become: they must not overflow.</summary>
    [Theory]
    [InlineData(384)]
    [InlineData(Limits.DimensionsMax)]
    public void LargestNumbers_DoNotOverflow(int dimensions)
    {
        var (code, query) = (new sbyte[VectorCodes.Stride(dimensions)], new short[VectorCodes.Stride(dimensions)]);
        float[] ones = [.. Enumerable.Repeat(1f, dimensions)];
        var scale = VectorCodes.Encode(ones, code.AsSpan(0, dimensions)) * VectorCodes.EncodeQuery(ones, query);
        var products = new int[1];
        VectorCodes.Products(code, query, products);
        Assert.Equal(dimensions, products[0] * (double)scale, dimensions * 1e-3);
    }

    [Theory]
    [InlineData(1e-20f)]
    [InlineData(1f)]
    [InlineData(1e20f)]
    public void Products_ComeNearThoseOfTheVectors(float size)
    {
        const int Dimensions = 384;
        var gen = new VectorGen(3, Dimensions);
        float[] Vector() => [.. gen.Normal().Select(x => x * size)];
        var query = gen.Normal();
        var code = new short[Dimensions];
        var queryScale = VectorCodes.EncodeQuery(query, code);
        var vectors = Enumerable.Range(0, 50).Select(_ => Vector()).ToList();
        var (bytes, scales) = VectorCodes.ToBytes(vectors);
        var products = new int[vectors.Count];
        VectorCodes.Products(VectorCodes.FromBytes(bytes, Dimensions), code, products);
        for (var i = 0; i < products.Length; i++)
        {
            var expected = vectors[i].Zip(query, (left, right) => (double)left * right).Sum();
            // The norms of both are near the root of the dimensions; a code is within a half of 1/127 of the largest number.
            Assert.Equal(expected / size, products[i] * (double)queryScale * VectorBytes.ToFloats(scales)[i] / size, 0.01 * Dimensions);
        }
    }

    [Theory]
    [InlineData(1, 3)]
    [InlineData(5, 31)]
    [InlineData(2, 32)]
    [InlineData(3, 33)]
    public void CodesTravel(int count, int dimensions)
    {
        var gen = new VectorGen(4, dimensions);
        var vectors = Enumerable.Range(0, count).Select(_ => gen.Normal()).ToList();
        var (bytes, _) = VectorCodes.ToBytes(vectors);
        Assert.Equal(count * dimensions, bytes.Length);
        var codes = VectorCodes.FromBytes(bytes, dimensions);
        Assert.Equal(count * VectorCodes.Stride(dimensions), codes.Length);
        Assert.Equal(bytes, VectorCodes.ToBytes(codes, dimensions));
    }

    [Fact]
    public void Zeros_HaveNoScale()
    {
        var code = new sbyte[32];
        Assert.Equal(0, VectorCodes.Encode(new float[32], code));
        Assert.All(code, number => Assert.Equal(0, number));
        Assert.Equal(0, VectorCodes.Encode([.. Enumerable.Repeat(float.Epsilon, 32)], code));
    }
}
