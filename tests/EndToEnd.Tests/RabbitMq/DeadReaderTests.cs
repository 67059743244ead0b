using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults.RabbitMq;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>Answers to a process that is gone: dropped, and nobody else notices.</summary>
public sealed class DeadReaderTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AnswersToNobody_DisturbNeitherOtherAnswersNorTheWriter()
    {
        await using var broker = await Broker.OpenAsync();
        using var folder = new TempFolder();
        await using var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", folder.Path);
        await using var router = await RoleProcess.IngestAsync(broker.Settings);
        await using var api = await RoleProcess.QueryAsync(broker.Settings);
        await router.ReadyAsync();
        await api.ReadyAsync();
        var settings = broker.Settings.ToDictionary();
        var gone = ReplyRoute.Of(new($"rabbitmq://{settings["Host"]}:{settings["Port"]}/vectordb.gone?autodelete=true"));
        var ingest = await api.Services.GetRequiredService<IBus>().GetSendEndpoint(ShardAddress.Ingest);
        for (ulong id = 0; id < 50; id++)
        {
            (await api.Api.PostAsync("store", new { id, vector = new[] { 1f, id } })).Expect();
            await ingest.Send(
                new StoreVector
                {
                    OperationId = Guid.NewGuid(),
                    ReplyTo = gone,
                    Points = [new() { Ordinal = 0, Id = PointId.From(1_000 + id).ToKey(), Vector = VectorBytes.From([1f, id]) }],
                },
                Stop);
            (await api.Api.PostAsync("search", new { query_vector = new[] { 1f, 0f }, shards_to_search = "all" })).Expect();
        }
        // Nobody waits for the last store without a reader.
        await Eventually.TrueAsync(
            async () => await api.Api.CountAsync() == 100, TimeSpan.FromSeconds(10), "a hundred points are counted");
        Assert.Null(await broker.CountAsync("vectordb.gone"));
        foreach (var queue in (string[])[ShardAddress.WriteName(0), ShardAddress.WriteName(1), ShardAddress.IngestName])
            Assert.Equal(0u, await broker.CountAsync(queue + "_error"));
    }
}
