using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public class GraphRecallTests
{
    GraphOptions Walking => new() { FlatBelow = 0, Threads = 1, IsCompact = IsCompact };

    protected virtual bool IsCompact => false;

    protected virtual double RecallAmongCopies => 0.95;

    [Theory]
    [InlineData(2, Metric.Euclid)]
    [InlineData(3, Metric.Cosine)]
    [InlineData(17, Metric.Dot)]
    [InlineData(65, Metric.Euclid)]
    [InlineData(100, Metric.Cosine)]
    [InlineData(384, Metric.Cosine)]
    [InlineData(384, Metric.Dot)]
    [InlineData(768, Metric.Euclid)]
    [InlineData(1025, Metric.Cosine)]
    public void ClusteredVectors_AreFound(int dimensions, Metric metric)
    {
        var clusters = new Clusters(seed: dimensions, dimensions);
        using var vectors = new IndexedVectors(dimensions, metric, Walking);
        vectors.Add(0, clusters.Many(3000));
        Assert.True(vectors.Graph.IsServing);
        Assert.InRange(vectors.Recall(clusters.Many(100)), 0.95, 1);
        Assert.InRange(vectors.Recall(clusters.Many(20), topK: 300), 0.9, 1);
    }

    [Fact]
    public void TheMostDimensions_AreFound()
    {
        var clusters = new Clusters(seed: 4, GraphIndex.MaxDimensions, count: 5);
        using var vectors = new IndexedVectors(GraphIndex.MaxDimensions, Metric.Cosine, Walking);
        vectors.Add(0, clusters.Many(800));
        Assert.InRange(vectors.Recall(clusters.Many(20)), 0.95, 1);
        Assert.Throws<ArgumentOutOfRangeException>(() => new GraphIndex(GraphIndex.MaxDimensions + 1, Metric.Dot, Walking));
        Assert.Throws<ArgumentOutOfRangeException>(() => new GraphIndex(1, Metric.Dot, Walking));
    }

    [Fact]
    public void InnerProductsOfVeryDifferentNorms_AreFound()
    {
        var clusters = new Clusters(seed: 8, 96);
        var random = new Random(8);
        using var vectors = new IndexedVectors(96, Metric.Dot, Walking with { SearchWidth = 200 });
        vectors.Add(0, clusters.Many(4000).Select(vector =>
        {
            var norm = MathF.Exp(random.NextSingle() * 2);
            return vector.Select(x => x * norm).ToArray();
        }));
        // Edges follow distances, so products of vectors whose norms differ seven times are found less well: see docs/index.md.
        Assert.InRange(vectors.Recall(clusters.Many(100)), 0.75, 1);
    }

    [Fact]
    public void VectorsFarFromTheOrigin_AreFound()
    {
        var clusters = new Clusters(seed: 9, 128);
        using var vectors = new IndexedVectors(128, Metric.Euclid, Walking with { FlatBelow = 1024 });
        vectors.Add(0, clusters.Many(3000).Select(Moved));
        Assert.InRange(vectors.Recall([.. clusters.Many(100).Select(Moved)]), 0.95, 1);

        static float[] Moved(float[] vector) => [.. vector.Select(x => x + 20)];
    }

    [Fact]
    public void AThousandCopies_DoNotHideTheOthers()
    {
        var clusters = new Clusters(seed: 10, 64);
        var copy = clusters.Next();
        using var vectors = new IndexedVectors(64, Metric.Euclid, Walking);
        vectors.Add(0, Enumerable.Repeat(copy, 1500));
        vectors.Add(1500, clusters.Many(2500));
        Assert.InRange(vectors.Recall(clusters.Many(100)), RecallAmongCopies, 1);
        Assert.Equal(1, vectors.Recall([copy]));
    }

    [Fact]
    public void ZerosAmongCosineVectors_AreHarmless()
    {
        var clusters = new Clusters(seed: 11, 64);
        using var vectors = new IndexedVectors(64, Metric.Cosine, Walking);
        vectors.Add(0, clusters.Many(2000).Select((vector, i) => i % 10 == 0 ? new float[64] : vector));
        Assert.InRange(vectors.Recall(clusters.Many(50)), 0.95, 1);
        Assert.InRange(vectors.Recall([new float[64]]), 0.95, 1);
    }

    [Fact]
    public void ManyThreads_BuildAGraphAsGood()
    {
        var clusters = new Clusters(seed: 12, 96);
        using var vectors = new IndexedVectors(96, Metric.Cosine, Walking with { Threads = 4 });
        for (var first = 0; first < 4500; first += 300)
            vectors.Add(first, clusters.Many(300));
        Assert.InRange(vectors.Recall(clusters.Many(200)), 0.95, 1);
    }

    [Fact]
    public void CrossingFromTheScanToTheGraph_LosesNothing()
    {
        var clusters = new Clusters(seed: 13, 48);
        using var vectors = new IndexedVectors(48, Metric.Cosine, Walking with { FlatBelow = 2000 });
        for (var first = 0; first < 3000; first += 50)
        {
            vectors.Add(first, clusters.Many(50));
            if (first % 200 == 0)
                vectors.Remove(first / 2 + 1);
            var recall = vectors.Recall(clusters.Many(5));
            Assert.InRange(recall, vectors.Graph.IsServing ? 0.8 : 1, 1);
        }
        Assert.True(vectors.Graph.IsServing);
        Assert.InRange(vectors.Recall(clusters.Many(100)), 0.95, 1);
    }
}
