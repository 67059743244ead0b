using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>Roles that are started while there is no broker: they are up, say so, and refuse what they cannot do.</summary>
public sealed class BrokerAwayTests
{
    /// <summary>Nothing listens on port 1.</summary>
    static readonly (string, string)[] Nowhere = [("Host", "127.0.0.1"), ("Port", "1")];

    [Fact]
    public async Task Api_IsUpAndSaysWhyItIsNotReady()
    {
        await using var api = await RoleProcess.QueryAsync(Nowhere);
        Assert.True((await api.Api.GetAsync("healthz")).IsSuccess);
        var ready = await api.Api.GetAsync("readyz");
        Assert.Equal(503, (int)ready.Status);
        Assert.Contains("RabbitMQ at 127.0.0.1:1", ready.Body);
    }

    [Theory]
    [InlineData("store", """{"id": 1, "vector": [1, 2]}""")]
    [InlineData("search", """{"query_vector": [1, 2]}""")]
    public async Task Request_IsRefusedWithRetryAfter(string path, string body)
    {
        await using var api = await RoleProcess.QueryAsync(Nowhere);
        var answer = await api.Api.PostAsync(path, body);
        Assert.True(answer.ExpectProblem(503, "RabbitMQ", "try again").Headers.RetryAfter?.Delta > TimeSpan.Zero);
    }

    [Fact]
    public async Task ShardAndRouter_AreUpAndSayWhyTheyAreNotReady()
    {
        using var folder = new TempFolder();
        await using var shard = await RoleProcess.ShardAsync(Nowhere, "0-1", folder.Path);
        Assert.Contains("RabbitMQ at 127.0.0.1:1", (await shard.Api.GetAsync("readyz")).Body);
        await using var router = await RoleProcess.IngestAsync(Nowhere);
        Assert.Contains("RabbitMQ at 127.0.0.1:1", (await router.Api.GetAsync("readyz")).Body);
    }
}
