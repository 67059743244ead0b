using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

public sealed class StoredSampleTests
{
    [Theory]
    [InlineData(0, 0.1, 4, 0)]
    [InlineData(100, 0.1, 4, 100)]
    [InlineData(50_000, 0.1, 4, 10_000)]
    [InlineData(50_000, 1, 4, 50_000)]
    [InlineData(500_000, 0.1, 4, 50_000)]
    [InlineData(117_659, 0.1, 64, 12_800)]
    [InlineData(117_659, 0.1, 256, 51_200)]
    [InlineData(30_000, 0.1, 256, 30_000)]
    [InlineData(5_000_000, 0.1, 1_024, 100_000)]
    public void Size_IsTheShareButEnoughForEachCentroid(long total, double share, int centroids, long expected) =>
        Assert.Equal(expected, StoredSample.Size(total, share, centroids));
}
