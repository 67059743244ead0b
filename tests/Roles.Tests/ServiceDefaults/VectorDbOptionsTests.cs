using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class VectorDbOptionsTests
{
    [Theory]
    [InlineData(null, "0 1 2 3")]
    [InlineData("  ", "0 1 2 3")]
    [InlineData("2", "2")]
    [InlineData("0,2", "0 2")]
    [InlineData("0-3", "0 1 2 3")]
    [InlineData("3, 0-1,1", "0 1 3")]
    public void OwnedShards_AreNumbersAndRanges(string? owned, string shards)
    {
        var options = new VectorDbOptions { OwnedShards = owned };
        Assert.Equal(shards, string.Join(' ', options.ShardsToOpen()));
        Assert.Empty(options.Problems());
    }

    [Theory]
    [InlineData("a")]
    [InlineData("0,,1")]
    [InlineData("3-1")]
    [InlineData("1-")]
    [InlineData("-1")]
    [InlineData("1-2-3")]
    [InlineData("99999999999")]
    public void OwnedShardsThatCannotBeRead_AreAProblemThatShowsHow(string owned)
    {
        var options = new VectorDbOptions { OwnedShards = owned };
        Assert.Contains("\"0-3\"", Assert.Throws<FormatException>(options.ShardsToOpen).Message);
        Assert.Contains("VectorDb:OwnedShards", Assert.Single(options.Problems()));
    }

    [Theory]
    [InlineData(0, 0, "VectorDb:Replicas is 0")]
    [InlineData(17, 0, "VectorDb:Replicas is 17")]
    [InlineData(2, 2, "VectorDb:Replica is 2; with 2 replicas they are 0 to 1")]
    [InlineData(2, -1, "VectorDb:Replica is -1")]
    public void ReplicasThatCannotBe_AreNamed(int replicas, int replica, string problem)
    {
        var options = new VectorDbOptions { Replicas = replicas, Replica = replica, Transport = TransportKind.RabbitMq };
        Assert.Contains(options.Problems(), found => found.Contains(problem, StringComparison.Ordinal));
    }

    [Fact]
    public void ReplicasInOneProcess_AreRefused()
    {
        Assert.Empty(new VectorDbOptions { Replicas = 2, Replica = 1, Transport = TransportKind.RabbitMq }.Problems());
        Assert.Contains("RabbitMq", Assert.Single(new VectorDbOptions { Replicas = 2 }.Problems()));
    }

    [Theory]
    [InlineData("4", "names shard 4; with 4 shards they are 0 to 3")]
    [InlineData("2-2000000000", "names shard 4")]
    public void ShardThatDoesNotExist_IsNamed(string owned, string problem) =>
        Assert.Contains(problem, Assert.Single(new VectorDbOptions { OwnedShards = owned }.Problems()));

    [Theory]
    [InlineData(0, false)]
    [InlineData(1, true)]
    [InlineData(1024, true)]
    [InlineData(1025, false)]
    [InlineData(-1, false)]
    public void Shards_Are1To1024(int shards, bool isFine) =>
        Assert.Equal(isFine, !new VectorDbOptions { Shards = shards, OwnedShards = "0" }.Problems()
            .Any(problem => problem.Contains("VectorDb:Shards ", StringComparison.Ordinal)));

    [Fact]
    public void EveryProblem_IsReportedAtOnce()
    {
        var problems = new VectorDbOptions { Shards = 0, DataPath = " ", ModelPath = "", OwnedShards = "x" }.Problems();
        Assert.Equal(["Shards", "DataPath", "ModelPath", "OwnedShards"], problems.Select(p => p.Split(' ')[0].Split(':')[1]));
    }
}
