using CsCheck;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Tests.Kernels;

public sealed unsafe class ByteScoresTests
{
    [Fact]
    public void ATile_IsExact()
    {
        if (!ByteScores.IsSupported)
            return;
        Gen.Select(Gen.Int[1, 600], Gen.Int[1, 5], Gen.Int, Gen.Bool).Sample((dimensions, tiles, seed, areExtreme) =>
        {
            var (random, stride, rowCount) = (new Random(seed), ByteScores.Stride(dimensions), tiles * ByteScores.RowTile);
            using var rows = new NativeBuffer<sbyte>(rowCount * stride);
            using var queries = new NativeBuffer<byte>(ByteScores.QueryTile * stride);
            for (var i = 0; i < rowCount * stride; i++)
                rows.Span[i] = (sbyte)(areExtreme ? 127 - random.Next(2) * 254 : random.Next(-127, 128));
            for (var i = 0; i < ByteScores.QueryTile * stride; i++)
                queries.Span[i] = (byte)(areExtreme ? 127 - random.Next(2) * 126 : random.Next(1, 128));
            using var products = new NativeBuffer<int>(ByteScores.QueryTile * rowCount);
            using var single = new NativeBuffer<int>(rowCount);
            ByteScores.Multiply(queries.Pointer, ByteScores.QueryTile, rows.Pointer, rowCount, stride, products.Pointer);
            for (var query = 0; query < ByteScores.QueryTile; query++)
            {
                ByteScores.Multiply(queries.Pointer + query * stride, 1, rows.Pointer, rowCount, stride, single.Pointer);
                for (var row = 0; row < rowCount; row++)
                {
                    var expected = 0;
                    for (var i = 0; i < stride; i++)
                        expected += queries.Span[query * stride + i] * rows.Span[row * stride + i];
                    Assert.Equal(expected, products.Span[query * rowCount + row]);
                    Assert.Equal(expected, single.Span[row]);
                }
            }
        }, iter: 100);
    }
}
