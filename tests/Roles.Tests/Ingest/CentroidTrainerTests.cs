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
        var centroids = CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: false);
        foreach (var center in centers)
            Assert.True(centroids.Min(centroid => Distance(centroid, center)) < 0.5, $"no centroid near {center[0]}, {center[1]}");
    }

    [Fact]
    public void SameSampleAndSeed_GiveTheSameCentroids()
    {
        var sample = Sample(500, 8, seed: 5);
        var first = CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: true);
        Assert.Equal(first, CentroidTrainer.Train(sample, 4, seed: 1, isSpherical: true));
        Assert.NotEqual(first, CentroidTrainer.Train(sample, 4, seed: 2, isSpherical: true));
    }

    [Fact]
    public void SphericalCentroids_HaveLength1AndTheSampleIsNotChanged()
    {
        var sample = Sample(200, 8, seed: 5);
        var before = sample.Select(vector => vector.ToArray()).ToArray();
        var centroids = CentroidTrainer.Train(sample, 3, seed: 1, isSpherical: true);
        Assert.All(centroids, centroid => Assert.Equal(1, Math.Sqrt(centroid.Sum(x => (double)x * x)), 1e-5));
        Assert.Equal(before, sample);
    }

    /// <summary>
    /// Most of the sample in one place: the nearest centroid alone would give one shard nearly all. The cap bounds what each cluster
    /// takes of the sample while the centroids are found, so the crowd is split among them.
    /// </summary>
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void CrowdInOnePlace_IsSplitWithinTheBalanceCap(int seed)
    {
        var random = new Random(seed);
        var sample = Enumerable.Range(0, 1_000)
            .Select(i => i < 900 ? Around([10, 0, 0, 0], 1, random) : Around([-10, 5, 0, 0], 1, random)).ToArray();
        var centroids = CentroidTrainer.Train(sample, 4, seed, isSpherical: false);
        var counts = new int[4];
        foreach (var vector in sample)
            counts[Nearest(centroids, vector)]++;
        Assert.True(counts.Max() < 500, $"{string.Join(", ", counts)} points a shard");
    }

    [Fact]
    public void SampleOfOnePoint_GivesThatPointForEveryShard()
    {
        var centroids = CentroidTrainer.Train([[3, 4]], 3, seed: 1, isSpherical: true);
        Assert.Equal(3, centroids.Length);
        Assert.All(centroids, centroid => Assert.Equal([0.6f, 0.8f], centroid));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    public void FewerPointsThanCentroids_GiveAsManyCentroidsAsAsked(int points)
    {
        var sample = Sample(points, 4, seed: 9);
        var centroids = CentroidTrainer.Train(sample, 8, seed: 1, isSpherical: false);
        Assert.Equal(8, centroids.Length);
        Assert.All(centroids, centroid => Assert.All(centroid, x => Assert.True(float.IsFinite(x))));
        foreach (var vector in sample)
            Assert.True(centroids.Min(centroid => Distance(centroid, vector)) < 1e-6);
    }

    [Fact]
    public void OneShard_GetsTheMean()
    {
        var centroid = Assert.Single(CentroidTrainer.Train([[1, 0], [3, 4]], 1, seed: 1, isSpherical: false));
        Assert.Equal([2f, 2f], centroid);
    }

    [Fact]
    public void ZerosAmongThePoints_DoNoHarm()
    {
        var sample = Sample(50, 4, seed: 2).Append(new float[4]).ToArray();
        foreach (var isSpherical in new[] { true, false })
            Assert.All(CentroidTrainer.Train(sample, 4, seed: 1, isSpherical), centroid =>
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

    static int Nearest(float[][] centroids, float[] vector) =>
        Enumerable.Range(0, centroids.Length).MinBy(c => Distance(centroids[c], vector));

    static double Distance(float[] left, float[] right) => Math.Sqrt(left.Zip(right, (l, r) => Math.Pow((double)l - r, 2)).Sum());
}
