using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests.Observing;

/// <summary>What is counted while points are stored and searched, and that docs/operations.md knows it.</summary>
public sealed class MetricsTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StoreAndSearch_AreMeasured_AndEveryInstrumentIsDocumented()
    {
        var seen = new ConcurrentDictionary<string, ConcurrentBag<string>>();
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter.Name == Telemetry.Name)
                self.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<int>((instrument, _, tags, _) => Note(instrument, tags));
        listener.SetMeasurementEventCallback<long>((instrument, _, tags, _) => Note(instrument, tags));
        listener.Start();
        var services = pipeline.Host.Services;
        await services.GetRequiredService<CollectionKeeper>().GetOrDefineAsync(
            new() { Id = PointId.From(1ul), Vector = [1, 0, 0] }, Stop);
        await services.GetRequiredService<WriteCoordinator>().StoreAsync(
            [new() { Ordinal = 0, Id = Wire.Id(78_001), Vector = VectorBytes.From([1, 0, 0]) }], Stop);
        var parts = await services.GetRequiredService<SearchCoordinator>().SearchAsync(
            new() { Index = 0, Vector = VectorBytes.From([1, 0, 0]), TopK = 1, ShardsToSearch = SearchQuestion.AllShards }, Stop);
        QueryMetrics.Searched(parts, TimeSpan.FromMilliseconds(1));
        QueryMetrics.Searched(parts with { Parts = [] }, TimeSpan.FromMilliseconds(1));
        listener.RecordObservableInstruments();

        Assert.Contains("batch=send searches", seen["vectordb.batch.size"]);
        Assert.Contains("batch=store points", seen["vectordb.batch.size"]);
        Assert.Contains(seen["vectordb.queue.age"], tags => tags.StartsWith("queue=vectordb.shard-", StringComparison.Ordinal)
            && tags.EndsWith(".search message=SearchShard", StringComparison.Ordinal));
        Assert.Contains("queue=vectordb.query.replies message=ShardSearched", seen["vectordb.queue.age"]);
        Assert.Equal(RoleHost.ShardCount, seen["vectordb.shard.search.duration"].Distinct().Count());
        Assert.NotEmpty(seen["vectordb.shard.commit.duration"]);
        Assert.NotEmpty(seen["vectordb.write.pending"]);
        Assert.NotEmpty(seen["vectordb.search.partial"]);
        Assert.Contains("shard=1", seen["vectordb.search.missing_parts"]);
        Assert.Contains("shard=2", seen["vectordb.shard.points"]);
        var docs = await File.ReadAllTextAsync(Path.Combine(Models.Folder, "../docs/operations.md"), Stop);
        Assert.All(seen.Keys, name => Assert.Contains(Documented(name), docs));

        void Note(Instrument instrument, ReadOnlySpan<KeyValuePair<string, object?>> tags) => seen
            .GetOrAdd(instrument.Name, _ => [])
            .Add(string.Join(' ', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}")));
    }

    /// <summary>The name as Prometheus shows it, or its end where the table leaves out what a row has in common.</summary>
    static string Documented(string name) => name switch
    {
        "vectordb.shard.directory_entries" => "…_directory_entries",
        "vectordb.shard.tombstones" => "…_tombstones",
        _ => name.Replace('.', '_'),
    };
}
