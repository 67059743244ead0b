using System.Text;
using System.Text.Json;
using VectorDb.Contracts;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>Messages that could not be handled: `vectordb errors` as a program of its own.</summary>
public sealed class ErrorsCommandTests
{
    static readonly string Errors = ShardAddress.WriteName(0) + "_error";

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WithoutABroker_SaysWhereItLooked()
    {
        var (code, output) = await RunAsync("list", "--broker", "amqp://guest:guest@127.0.0.1:1");
        Assert.Equal(1, code);
        Assert.Contains("No RabbitMQ answers at 127.0.0.1:1", output);
        Assert.DoesNotContain("   at ", output);
    }

    [Fact]
    public async Task Poison_IsPutAside_AndListedReplayedAndDropped()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", folder.Path);
        await shards.ReadyAsync();
        await broker.PublishAsync(ShardAddress.WriteName(0), "not json"u8.ToArray());
        await broker.PublishAsync(ShardAddress.WriteName(0), Envelope(sent: DateTimeOffset.UtcNow));
        await AsideAsync(broker, 2);

        var listed = await ListAsync(broker);
        var types = listed.Select(message => message.TryGetProperty("type", out var type) ? type.GetString() : null);
        Assert.Equal([null, "UpsertPoints"], types.Order());
        // Reading changes nothing.
        Assert.Equal(listed.Count, (await ListAsync(broker)).Count);

        var (code, output) = await RunAsync("replay", "--all", "--broker", broker.Address);
        Assert.True(code == 0, output);
        Assert.Contains("2 replayed", output);
        await AsideAsync(broker, 2);

        Assert.Equal(1, (await RunAsync("drop", "--all", "--broker", broker.Address)).Code);
        var id = listed[0].GetProperty("id").GetString()!;
        (code, output) = await RunAsync("drop", "--message", id, "--yes", "--broker", broker.Address);
        Assert.True(code == 0, output);
        Assert.Equal(1u, await broker.CountAsync(Errors));
        Assert.Equal(1, (await RunAsync("drop", "--message", id, "--yes", "--broker", broker.Address)).Code);
    }

    [Fact]
    public async Task MessageOlderThanHomesRemember_IsNotReplayed()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", folder.Path);
        await shards.ReadyAsync();
        await broker.PublishAsync(ShardAddress.WriteName(0), Envelope(sent: DateTimeOffset.UtcNow.AddDays(-5)));
        await AsideAsync(broker, 1);
        var (code, output) = await RunAsync("replay", "--all", "--broker", broker.Address);
        Assert.True(code == 1, output);
        Assert.Contains("more than 4.5 days ago", output);
        Assert.Equal(1u, await broker.CountAsync(Errors));
    }

    static Task AsideAsync(Broker broker, uint count) =>
        Eventually.TrueAsync(async () => await broker.CountAsync(Errors) == count, Patience, $"{count} messages in {Errors}");

    static async Task<List<JsonElement>> ListAsync(Broker broker)
    {
        var (code, output) = await RunAsync("list", "--json", "--broker", broker.Address);
        Assert.True(code == 0, output);
        return [.. JsonSerializer.Deserialize<JsonElement>(output).GetProperty("queues").EnumerateArray()
            .Single(queue => queue.GetProperty("queue").GetString() == Errors).GetProperty("messages").EnumerateArray()];
    }

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var program = ChildProcess.Start(["errors", .. arguments]);
        return (await program.ExitCodeAsync(Patience), program.Output);
    }

    /// <summary>A row for a shard that this process does not own: it fails however often it is tried.</summary>
    static byte[] Envelope(DateTimeOffset sent) => Encoding.UTF8.GetBytes(JsonSerializer.Serialize(new
    {
        messageId = Guid.NewGuid(),
        messageType = new[] { "urn:message:VectorDb.Contracts:UpsertPoints" },
        sentTime = sent.UtcDateTime,
        message = new
        {
            shard = 9,
            collection = new { dimensions = 2 },
            epoch = 0,
            shardCount = Broker.Shards,
            points = Array.Empty<object>(),
        },
    }));
}
