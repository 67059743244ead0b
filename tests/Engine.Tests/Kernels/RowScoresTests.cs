using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Kernels;

/// <summary>A pair has one score, in whatever tile and by whatever registers it is computed.</summary>
public sealed unsafe class RowScoresTests
{
    const int Rows = 16;

    [Theory]
    [InlineData(Metric.Cosine, 384)]
    [InlineData(Metric.Dot, 16)]
    [InlineData(Metric.Dot, 770)]
    [InlineData(Metric.Euclid, 1)]
    [InlineData(Metric.Euclid, 384)]
    public void ATile_ScoresEveryPairAsOneByOne(Metric metric, int dimensions)
    {
        var stride = RowScores.Stride(dimensions);
        var random = new Random(FirstSeed.Value);
        using var rows = Numbers(Rows, dimensions, random);
        using var queries = Numbers(RowScores.QueryTile, dimensions, random);
        Span<float> tile = stackalloc float[RowScores.QueryTile * Rows];
        Span<float> cached = stackalloc float[RowScores.QueryTile * Rows];
        Span<float> single = stackalloc float[Rows];
        RowScores.Rank(metric, queries.Pointer, RowScores.QueryTile, rows.Pointer, stride, tile);
        RowScores.RankCached(metric, queries.Pointer, RowScores.QueryTile, rows.Pointer, stride, cached);
        for (var query = 0; query < RowScores.QueryTile; query++)
        {
            RowScores.Rank(metric, queries.Pointer + query * stride, 1, rows.Pointer, stride, single);
            Assert.True(single.SequenceEqual(tile.Slice(query * Rows, Rows)));
            Assert.True(single.SequenceEqual(cached.Slice(query * Rows, Rows)));
        }
        Assert.Equal(ScoreInDoubles(metric, queries.Pointer, rows.Pointer + 5 * stride, dimensions), tile[5], 1e-3);
    }

    static double ScoreInDoubles(Metric metric, float* query, float* row, int dimensions)
    {
        var (product, squares) = (0.0, 0.0);
        for (var i = 0; i < dimensions; i++)
        {
            product += (double)query[i] * row[i];
            squares += ((double)query[i] - row[i]) * ((double)query[i] - row[i]);
        }
        return metric == Metric.Euclid ? -Math.Sqrt(squares) : metric == Metric.Cosine ? Math.Clamp(product, -1, 1) : product;
    }

    static NativeBuffer<float> Numbers(int count, int dimensions, Random random)
    {
        var stride = RowScores.Stride(dimensions);
        var buffer = new NativeBuffer<float>(count * stride);
        for (var i = 0; i < count * stride; i++)
            buffer.Span[i] = i % stride < dimensions ? random.NextSingle() - 0.5f : 0;
        return buffer;
    }
}
