using CsCheck;
using VectorDb.Contracts;
using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Choosing;

namespace VectorDb.Roles.Tests;

public sealed class ShardRouterTests
{
    const int Shards = 4;

    static readonly Gen<float[]> Vector = Gen.Float[-3, 3].Array[3].Where(vector => vector.Any(x => Math.Abs(x) > 0.1));

    /// <summary>One to eight centroids; a shard may have several or none.</summary>
    static readonly Gen<(int Shard, float[] Centroid)[]> Centroids = Gen.Select(Gen.Int[0, Shards - 1], Vector).Array[1, 8];

    [Theory]
    [InlineData("Cosine")]
    [InlineData("Dot")]
    [InlineData("Euclid")]
    public void Owner_IsTheShardOfTheNearestCentroid(string metric) => Gen.Select(Centroids, Vector).Sample((centroids, vector) =>
    {
        var owner = Router(metric, centroids).OwnerOf(vector, Wire.Id(1));
        var best = centroids.Max(c => Nearness(metric, vector, c.Centroid));
        Assert.Contains(owner, centroids.Where(c => Nearness(metric, vector, c.Centroid) > best - 1e-4).Select(c => c.Shard));
    });

    [Theory]
    [InlineData("Cosine")]
    [InlineData("Dot")]
    [InlineData("Euclid")]
    public void Choice_IsTheNearestShardsNearestFirst(string metric) =>
        Gen.Select(Centroids, Vector, Gen.Int[1, Shards - 1]).Sample((centroids, vector, count) =>
        {
            var chosen = Router(metric, centroids).Choose(vector, count, 10);
            Assert.Equal(count, chosen.Distinct().Count());
            double NearnessOf(int shard) => centroids.Where(c => c.Shard == shard)
                .Select(c => Nearness(metric, vector, c.Centroid)).DefaultIfEmpty(double.NegativeInfinity).Max();
            for (var i = 1; i < chosen.Length; i++)
                Assert.True(NearnessOf(chosen[i - 1]) >= NearnessOf(chosen[i]) - 1e-4);
            foreach (var left in Enumerable.Range(0, Shards).Except(chosen))
                Assert.True(NearnessOf(left) <= NearnessOf(chosen[^1]) + 1e-4);
        });

    [Fact]
    public void Choice_BeginsWithTheOwner() => Gen.Select(Centroids, Vector).Sample((centroids, vector) =>
    {
        // Two centroids that are equally near may belong to two shards; then the lower of them is chosen, and the first owns.
        var distinct = centroids.DistinctBy(c => Math.Round(Nearness("Cosine", vector, c.Centroid), 3)).ToArray();
        var router = Router("Cosine", distinct);
        Assert.Equal(router.OwnerOf(vector, Wire.Id(1)), router.Choose(vector, 1, 10)[0]);
    });

    [Fact]
    public void WithoutCentroids_PointsStayAtHomeAndSearchesAskAll()
    {
        var router = new ShardRouter(Wire.State(Shards), new SketchBook());
        foreach (var number in Enumerable.Range(0, 50).Select(i => (ulong)i))
            Assert.Equal(Home.Of(Wire.Id(number), Shards), router.OwnerOf([1, 2, 3], Wire.Id(number)));
        Assert.Equal([0, 1, 2, 3], router.Choose([1, 2, 3], 1, 10));
    }

    [Theory]
    [InlineData(SearchQuestion.AllShards)]
    [InlineData(4)]
    [InlineData(100)]
    public void AllShards_AreAskedInOrder(int shardsToSearch) =>
        Assert.Equal([0, 1, 2, 3], Router("Cosine", [(2, [1, 0, 0]), (0, [0, 1, 0])]).Choose([1, 0, 0], shardsToSearch, 10));

    [Fact]
    public void EquallyNearShards_AreTakenByNumberAndThoseWithoutCentroidLast()
    {
        var router = Router("Cosine", [(3, [1, 0, 0]), (2, [0, 1, 0]), (1, [0, 1, 0])]);
        Assert.Equal([1, 2, 3], router.Choose([0, 1, 0], 3, 10));
        Assert.Equal([3, 1], router.Choose([2, 1, 0], 2, 10));
    }

    [Fact]
    public void LengthOfACentroid_CountsForDotAndNotForCosine()
    {
        (int, float[])[] centroids = [(0, [10, 10, 0]), (1, [1, 0, 0])];
        Assert.Equal(1, Router("Cosine", centroids).OwnerOf([2, 0.1f, 0], Wire.Id(1)));
        Assert.Equal(0, Router("Dot", centroids).OwnerOf([2, 0.1f, 0], Wire.Id(1)));
    }

    static ShardRouter Router(string metric, (int Shard, float[] Centroid)[] centroids)
    {
        var state = Wire.State(Shards, centroids);
        return new(state with { Shape = state.Shape with { Metric = metric } }, new SketchBook());
    }

    /// <summary>In double and by the definition of each metric; higher is nearer.</summary>
    static double Nearness(string metric, float[] left, float[] right)
    {
        var product = left.Zip(right, (l, r) => (double)l * r).Sum();
        double Norm(float[] vector) => Math.Sqrt(vector.Sum(x => (double)x * x));
        return metric switch
        {
            "Cosine" => product / Norm(right),
            "Dot" => product,
            _ => -Math.Sqrt(left.Zip(right, (l, r) => Math.Pow((double)l - r, 2)).Sum()),
        };
    }
}
