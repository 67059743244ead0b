using System.Text;
using VectorDb.Contracts;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>The queues as people see them, and what happens when one is missing or full.</summary>
public sealed class QueueTests
{
    /// <summary>As many as a queue takes (docs/architecture.md), and some that the broker refuses.</summary>
    const int MoreThanAQueueTakes = 20_200;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task Queues_HaveTheNamesAndArgumentsOfTheDocumentation()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", folder.Path);
        await using var router = await RoleProcess.IngestAsync(broker.Settings);
        await shards.ReadyAsync();
        await router.ReadyAsync();
        foreach (var name in (string[])["vectordb.ingest", "vectordb.shard-1.write", "vectordb.shard-1.directory"])
        {
            Assert.True(await broker.HasAsync(name, Durable(name)), name);
            Assert.True(await broker.HasAsync(name + "_error", Errors), name + "_error");
        }
        foreach (var name in (string[])["vectordb.route-search", "vectordb.shard-0.search"])
            Assert.True(await broker.HasAsync(name, Search), name);
    }

    [Fact]
    public async Task ShardThatWasNeverStarted_IsNamedAndRefusedAndReportedMissing()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var all = await RoleProcess.ShardAsync(broker.Settings, "0", folder.Path);
        await using var router = await RoleProcess.IngestAsync(broker.Settings);
        await using var api = await RoleProcess.QueryAsync(broker.Settings);
        await Eventually.TrueAsync(
            async () => (await api.Api.GetAsync("readyz")).Body.Contains("\"Not heard of shard 1 (1 of 2).\"]"),
            Patience, "only shard 1 is missing");
        await Eventually.TrueAsync(
            async () => (await router.Api.GetAsync("readyz")).Body.Contains("not of shard 1."), Patience, "the router names it too");

        var refused = await api.Api.PostAsync("store", new { id = 1, vector = new[] { 1f, 2f } });
        Assert.NotNull(refused.ExpectProblem(503, "Shard 1 has never been started", "vectordb.shard-1.").Headers.RetryAfter);
        // A collection, so that there is something to search for.
        await DefineAsync(api);
        var found = (await api.Api.PostAsync("search", new { query_vector = new[] { 1f, 2f }, shards_to_search = "all" })).Expect();
        Assert.True(found["partial"].GetBoolean());
        Assert.Equal((2, 1), (found["shards"].GetProperty("asked").GetInt32(), found["shards"].GetProperty("answered").GetInt32()));
    }

    [Fact]
    public async Task FullQueue_IsTold_AndTakesAgainWhenItIsNotFull()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", folder.Path);
        await using var api = await RoleProcess.QueryAsync(broker.Settings);
        await using (var router = await RoleProcess.IngestAsync(broker.Settings))
        {
            await router.ReadyAsync();
            await api.ReadyAsync();
            (await api.Api.PostAsync("store", new { id = 1, vector = new[] { 1f, 2f } })).Expect();
        }
        await broker.PublishAsync(ShardAddress.IngestName, Encoding.UTF8.GetBytes("{}"), MoreThanAQueueTakes);
        var refused = await api.Api.PostAsync("store", new { id = 2, vector = new[] { 1f, 2f }, wait = false });
        Assert.NotNull(refused.ExpectProblem(429, "vectordb.ingest", "full").Headers.RetryAfter);
        await broker.PurgeAsync(ShardAddress.IngestName);
        (await api.Api.PostAsync("store", new { id = 2, vector = new[] { 1f, 2f }, wait = false }))
            .Expect(System.Net.HttpStatusCode.Accepted);
    }

    static Task DefineAsync(RoleProcess api) => Microsoft.Extensions.DependencyInjection.ServiceProviderServiceExtensions
        .GetRequiredService<QueryApi.CollectionKeeper>(api.Services)
        .DefineAsync(new() { Dimensions = 2 }, TestContext.Current.CancellationToken);

    static Dictionary<string, object?> Durable(string name) => new()
    {
        ["x-queue-type"] = "quorum",
        ["x-delivery-limit"] = 20,
        ["x-message-ttl"] = 172_800_000,
        ["x-max-length"] = 20_000,
        ["x-max-length-bytes"] = 1_073_741_824L,
        ["x-overflow"] = "reject-publish",
        ["x-dead-letter-strategy"] = "at-least-once",
        ["x-dead-letter-exchange"] = name + "_error",
    };

    static Dictionary<string, object?> Errors => new() { ["x-queue-type"] = "quorum", ["x-delivery-limit"] = int.MaxValue };

    static Dictionary<string, object?> Search => new()
    {
        ["x-queue-type"] = "classic",
        ["x-message-ttl"] = 300_000,
        ["x-max-length"] = 1_024,
        ["x-overflow"] = "reject-publish",
        ["x-expires"] = 600_000L,
    };
}
