using System.Numerics.Tensors;
using CsCheck;
using VectorDb.Contracts;
using VectorDb.ShardWorker.Sketching;
using VectorDb.TestKit;

namespace VectorDb.Roles.Tests;

public sealed class ShardSketchTests
{
    static readonly SketchTitle Title = new(0, Guid.Empty, 1, 1);

    /// <summary>Rows in a sample, rows besides, numbers a vector.</summary>
    static readonly Gen<(int, int, int)> Samples = Gen.Select(Gen.Int[1, 400], Gen.Int[0, 1_000_000], Gen.Int[1, 20]);

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void Counts_AddUpToTheRows() => Samples.Sample((sampled, unseen, dimensions) =>
    {
        var gen = new VectorGen(sampled, dimensions);
        float[][] rows = [.. Enumerable.Range(0, sampled).Select(_ => gen.Whole())];
        var sketch = ShardSketch.Make(rows, sampled + unseen, 1, CancellationToken.None);
        Assert.Equal(sampled + unseen, sketch.Points);
        var message = sketch.ToMessage(Title);
        var counts = VectorBytes.ToFloats(message.Counts);
        Assert.Equal(sampled + unseen, counts.Sum(count => (double)count));
        Assert.All(counts, count => Assert.True(count >= 1));
        Assert.All(VectorBytes.ToFloats(message.Spreads), spread => Assert.True(spread >= 0));
        Assert.InRange(VectorBytes.ToFloats(message.AxisShares).Sum(), 0, 1.001f);
    });

    [Fact]
    public void Means_AreTheMeansOfTheClusters()
    {
        var clusters = new Clusters(3, 8);
        float[][] rows = [.. clusters.Many(clusters.Axis(0), 4), .. clusters.Many(clusters.Axis(5), 4)];
        var message = ShardSketch.Make(rows, rows.Length, 1, Stop).ToMessage(Title);
        var means = MeansOf(message).OrderByDescending(mean => mean[0]).ToList();
        Assert.Equal(2, means.Count);
        for (var c = 0; c < 2; c++)
            for (var d = 0; d < 8; d++)
                Assert.Equal(rows[(4 * c)..(4 * c + 4)].Average(row => row[d]), means[c][d], 2e-3);
    }

    [Fact]
    public void Axes_AreAtRightAnglesAndHoldTheDirectionOfMostVariance()
    {
        var gen = new VectorGen(5, 24);
        var rows = Enumerable.Range(0, 500).Select(i =>
        {
            var row = gen.Normal();
            row[7] *= 12;
            return row;
        }).ToArray();
        var axes = ResidualAxes.Find(rows, 3, 1, Stop);
        Assert.Equal(3, axes.Length);
        for (var a = 0; a < 3; a++)
            for (var b = 0; b < 3; b++)
                Assert.Equal(a == b ? 1 : 0, TensorPrimitives.Dot<float>(axes[a], axes[b]), 1e-4);
        Assert.True(axes.Sum(axis => axis[7] * axis[7]) > 0.99);
    }

    [Fact]
    public void EqualRows_HaveNoSpreadAndNoAxes()
    {
        var sketch = ShardSketch.Make([.. Enumerable.Repeat(new float[] { 1, 2, 3 }, 40)], 40, 1, Stop);
        var message = sketch.ToMessage(Title);
        Assert.All(VectorBytes.ToFloats(message.Spreads), spread => Assert.Equal(0, spread, 1e-6));
        sketch.Add([1, 2, 3]);
        Assert.Equal(message.Counts.Length, sketch.ToMessage(Title).Counts.Length);
        Assert.Equal(41, sketch.Points);
    }

    [Fact]
    public void RowThatCameLater_IsCountedWhereItBelongs()
    {
        var clusters = new Clusters(4, 16);
        float[][] rows = [.. clusters.Many(clusters.Axis(0), 100), .. clusters.Many(clusters.Axis(1), 100)];
        var sketch = ShardSketch.Make(rows, 200, 1, Stop);
        var before = sketch.SubClusterCount;
        foreach (var row in rows)
            sketch.Add(row);
        Assert.Equal((400, 200, before), (sketch.Points, sketch.Added, sketch.SubClusterCount));
    }

    [Fact]
    public void RowFarFromAllOthers_GetsASubClusterUntilThereAreTooMany()
    {
        var clusters = new Clusters(4, 16);
        var sketch = ShardSketch.Make(clusters.Many(clusters.Axis(0), 100), 100, 1, Stop);
        var before = sketch.SubClusterCount;
        sketch.Add(clusters.Axis(9, sign: -1));
        sketch.Add(clusters.Near(clusters.Axis(9, sign: -1), 0.01f));
        Assert.Equal((before + 1, 102), (sketch.SubClusterCount, sketch.Points));
        for (var axis = 1; axis < 16; axis++)
            sketch.Add(clusters.Axis(axis));
        Assert.True(sketch.SubClusterCount > before + 1);
        for (var axis = 1; axis < 16; axis++)
            sketch.Add([.. clusters.Axis(axis).Select(x => -3 * x)]);
        Assert.True(sketch.IsFull);
        var full = sketch.SubClusterCount;
        for (var axis = 1; axis < 16; axis++)
            sketch.Add(clusters.Axis(axis, sign: -1));
        Assert.Equal(full, sketch.SubClusterCount);
        Assert.Equal(147, sketch.Points);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(384)]
    [InlineData(1_536)]
    [InlineData(Limits.DimensionsMax)]
    public void Message_StaysBelowItsLimitForVectorsOfAnySize(int dimensions)
    {
        var gen = new VectorGen(6, dimensions);
        var rows = Enumerable.Range(0, Math.Min(600, ShardSketch.SampleRows(dimensions))).Select(_ => gen.Normal()).ToArray();
        var message = ShardSketch.Make(rows, 1_000_000, 1, Stop).ToMessage(Title);
        Assert.InRange(message.Means.Length + message.Axes.Length, dimensions, Math.Max(512 * 1024, 6 * dimensions));
        Assert.NotNull(IngestWorker.Choosing.SketchedShard.From(message));
    }

    [Fact]
    public void SameRowsAndSeed_GiveTheSameSketch()
    {
        var rows = new Clusters(8, 12).Many(new float[12].Select((_, i) => i == 2 ? 1f : 0).ToArray(), 300);
        Assert.Equal(
            ShardSketch.Make(rows, 300, 9, Stop).ToMessage(Title).Means,
            ShardSketch.Make([.. rows.Select(row => (float[])row.Clone())], 300, 9, Stop).ToMessage(Title).Means);
    }

    [Theory]
    [InlineData(1e-20f)]
    [InlineData(1e6f)]
    public void NumbersOfAnySize_SurviveTheMessage(float scale)
    {
        float[][] rows = [[scale, 2 * scale], [-3 * scale, 4 * scale]];
        var message = ShardSketch.Make(rows, 2, 1, Stop).ToMessage(Title);
        var mean = MeansOf(message).Single();
        Assert.Equal(-scale, mean[0], scale * 0.01f);
        Assert.Equal(3 * scale, mean[1], scale * 0.01f);
    }

    static List<float[]> MeansOf(ShardSketched message)
    {
        var (center, scales) = (VectorBytes.ToFloats(message.Center), VectorBytes.ToFloats(message.MeanScales));
        return [.. message.Means.Chunk(message.Dimensions)
            .Select((codes, c) => codes.Select((code, d) => center[d] + scales[c] * (sbyte)code).ToArray())];
    }
}
