using VectorDb.Contracts;
using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

public sealed class CentroidTrainerTests
{
    [Fact]
    public void ClearClusters_AreFound()
    {
        var random = new Random(3);
        float[][] centers = [[10, 0], [0, 10], [-10, 0], [0, -10]];
        var sample = Enumerable.Range(0, 400).Select(i => Around(centers[i % 4], 0.5, random)).ToArray();
        var centroids = CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: false).Centroids;
        foreach (var center in centers)
            Assert.True(centroids.Min(centroid => Distance(centroid, center)) < 0.5, $"no centroid near {center[0]}, {center[1]}");
    }

    [Fact]
    public void SameSampleAndSeed_GiveTheSameCentroids()
    {
        var sample = Sample(500, 8, seed: 5);
        var first = CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: true);
        var again = CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: true);
        Assert.Equal(first.Centroids, again.Centroids);
        Assert.Equal(first.Offsets, again.Offsets);
        Assert.NotEqual(first.Centroids, CentroidTrainer.Train(sample, 4, seed: 2, isSpherical: true).Centroids);
    }

    [Fact]
    public void SphericalCentroids_HaveLength1AndTheSampleIsNotChanged()
    {
        var sample = Sample(200, 8, seed: 5);
        var before = sample.Select(vector => vector.ToArray()).ToArray();
        var centroids = CentroidTrainer.Train(sample, 3, seed: 1, isSpherical: true).Centroids;
        Assert.All(centroids, centroid => Assert.Equal(1, Math.Sqrt(centroid.Sum(x => (double)x * x)), 1e-5));
        Assert.Equal(before, sample);
    }

    /// <summary>
    /// A crowd and a few far away: without the balance two centroids serve the few alone, and one shard gets 57 to 65 of 100
    /// points. Placed by the same rule as stored points are, none gets more than the cap.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void CrowdInOnePlace_IsSplitByTheBalanceCap(int seed)
    {
        var random = new Random(seed);
        float[][] far = [[10, 0, 0], [0, 10, 0], [0, 0, 10]];
        var sample = Enumerable.Range(0, 1_000)
            .Select(i => Around(i < 970 ? [0, 0, 0] : far[i % 3], 1, random)).ToArray();
        var counts = Placed(sample, sample, 4, seed, "Euclid");
        Assert.True(counts.Max() <= CentroidTrainer.BalanceCap * 250 + 1, $"{string.Join(", ", counts)} points a shard");
    }

    /// <summary>Clusters of very different sizes; centroids from a tenth must keep the whole in balance.</summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void CentroidsOfASample_KeepTheWholeInBalance(int seed)
    {
        var random = new Random(seed);
        var centers = Sample(40, 16, seed);
        var all = Enumerable.Range(0, 20_000)
            .Select(_ => Around(centers[(int)(40 * Math.Pow(random.NextDouble(), 3))], 0.6, random)).ToArray();
        var counts = Placed([.. all.Where((_, i) => i % 10 == 0)], all, 16, seed, "Cosine");
        Assert.True(counts.Max() <= 1.3 * all.Length / 16, $"seed {seed}: {string.Join(", ", counts)} points a shard");
    }

    [Fact]
    public void SampleOfOnePoint_GivesThatPointForEveryShard()
    {
        var centroids = CentroidTrainer.Train([[3, 4]], 3, seed: 1, isSpherical: true).Centroids;
        Assert.Equal(3, centroids.Length);
        Assert.All(centroids, centroid => Assert.Equal([0.6f, 0.8f], centroid));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void FewerPointsThanCentroids_GiveAsManyCentroidsAsAsked(int points)
    {
        var sample = Sample(points, 4, seed: 9);
        var centroids = CentroidTrainer.Train(sample, 8, seed: 1, isSpherical: false).Centroids;
        Assert.Equal(8, centroids.Length);
        Assert.All(centroids, centroid => Assert.All(centroid, x => Assert.True(float.IsFinite(x))));
        foreach (var vector in sample)
            Assert.True(centroids.Min(centroid => Distance(centroid, vector)) < 1e-6);
    }

    [Fact]
    public void OneShard_GetsTheMean()
    {
        var centroid = Assert.Single(CentroidTrainer.Train([[1, 0], [3, 4]], 1, seed: 1, isSpherical: false).Centroids);
        Assert.Equal([2f, 2f], centroid);
    }

    [Fact]
    public void ZerosAmongThePoints_DoNoHarm()
    {
        var sample = Sample(50, 4, seed: 2).Append(new float[4]).ToArray();
        foreach (var isSpherical in new[] { true, false })
            Assert.All(CentroidTrainer.Train(sample, 4, seed: 1, isSpherical).Centroids, centroid =>
                Assert.All(centroid, x => Assert.True(float.IsFinite(x))));
    }

    [Fact]
    public void NothingToTrainFrom_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => CentroidTrainer.Train([], 4, seed: 1, isSpherical: false));
        Assert.Throws<ArgumentOutOfRangeException>(() => CentroidTrainer.Train([[1]], 0, seed: 1, isSpherical: false));
    }

    static float[][] Sample(int count, int dimensions, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => Around(new float[dimensions], 1, random))];
    }

    static float[] Around(float[] center, double radius, Random random) =>
        [.. center.Select(x => (float)(x + (radius * ((2 * random.NextDouble()) - 1))))];

    /// <summary>Points a shard when `all` are placed by centroids that `sample` gave.</summary>
    static int[] Placed(float[][] sample, float[][] all, int shards, int seed, string metric)
    {
        var trained = CentroidTrainer.Train(sample, shards, seed, isSpherical: metric != "Euclid");
        var placement = new Placement(
            new() { Dimensions = all[0].Length, Metric = metric }, shards, [.. Enumerable.Range(0, shards)],
            [.. trained.Centroids.SelectMany(centroid => VectorBytes.From(centroid))], trained.Offsets);
        var counts = new int[shards];
        foreach (var vector in all)
        {
            var norm = metric == "Cosine" ? (float)Math.Sqrt(vector.Sum(x => (double)x * x)) : 1;
            counts[placement.OwnerOf([.. vector.Select(x => x / norm)], [])]++;
        }
        return counts;
    }

    static double Distance(float[] left, float[] right) => Math.Sqrt(left.Zip(right, (l, r) => Math.Pow((double)l - r, 2)).Sum());
}
