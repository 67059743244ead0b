using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Choosing;
using VectorDb.IngestWorker.Consumers;

namespace VectorDb.Roles.Tests;

/// <summary>The router between real shards: its consumers, its pump, its copy of the collection.</summary>
public sealed class IngestConsumerTests(Pipeline pipeline, SharedEmbedder model) : IClassFixture<Pipeline>
{
    readonly RoleHost _host = pipeline.Host;
    readonly Inbox _inbox = pipeline.Inbox;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StoredPoints_AreInTheShardsThatTheGrantsNamed()
    {
        await DefineAsync();
        var operation = Operation(0, 40);
        await _host.SendAsync(ShardAddress.Ingest, operation);
        await StoredAsync(operation);
        foreach (var point in operation.Points)
        {
            var places = _host.PlacesOf(point.Id);
            Assert.Equal([Home.Of(point.Id, RoleHost.ShardCount)], places);
            Assert.Equal(PointState.Live, _host.Read(places[0], point.Id).State);
        }
    }

    [Fact]
    public async Task SameMessageTwice_KeepsTheVersions()
    {
        await DefineAsync();
        var operation = Operation(100, 10);
        await _host.SendAsync(ShardAddress.Ingest, operation);
        var first = await StoredAsync(operation);
        await _host.SendAsync(ShardAddress.Ingest, operation);
        await Eventually.TrueAsync(() => StoredOf(operation).Count == 20, "everything is answered twice");
        Assert.Equal(first, StoredOf(operation).Select(point => (point.Ordinal, point.Version)).ToHashSet());
    }

    [Fact]
    public async Task PointThatCannotBeStored_IsToldToTheCallerAndTheOthersAreStored()
    {
        await DefineAsync();
        var operation = Operation(200, 2);
        operation = operation with { Points = [operation.Points[0], operation.Points[1] with { Vector = Wire.Vector(1, 2) }] };
        await _host.SendAsync(ShardAddress.Ingest, operation);
        var rejected = await _inbox.NextAsync<PointsRejected>(message => message.Points[0].OperationId == operation.OperationId);
        Assert.Equal(1, Assert.Single(rejected.Points).Ordinal);
        await Eventually.TrueAsync(() => StoredOf(operation) is [{ Ordinal: 0 }], "the other point is stored");
    }

    [Fact]
    public async Task HomeThatFails_FaultsTheMessageAndStoresNothing()
    {
        await DefineAsync();
        var (known, other) = (Wire.IdAt(0, from: 300), Wire.IdAt(0, from: 330));
        var first = Operation(300, 1) with { Points = [Point(0, known)] };
        await _host.SendAsync(ShardAddress.Ingest, first);
        await StoredAsync(first);
        // The home has the operation and ordinal for another id, and throws; another home would have granted its claim.
        var elsewhere = Wire.IdAt(1, from: 360);
        var second = first with { Points = [Point(0, other), Point(1, elsewhere)] };
        await using var pump = new IngestPump(_host.Bus, new(model.Embedder), Placement, NullLogger<IngestPump>.Instance);
        var failure = await Assert.ThrowsAsync<RequestFaultException>(() => pump.StoreAsync(second, Stop));
        Assert.Contains("was claimed for another id", failure.Message);
        Assert.Equal(PointState.Absent, _host.Read(0, other).State);
        Assert.Equal(PointState.Absent, _host.Read(1, elsewhere).State);
        Assert.Single(StoredOf(second));
    }

    [Fact]
    public async Task FailedMessage_IsNotAcknowledgedButFaults()
    {
        await DefineAsync();
        var first = Operation(400, 1) with { Points = [Point(0, Wire.IdAt(0, from: 400))] };
        await _host.SendAsync(ShardAddress.Ingest, first);
        await StoredAsync(first);
        var pump = new IngestPump(_host.Bus, new(model.Embedder), Placement, NullLogger<IngestPump>.Instance);
        await Inbox.OpenAsync(_host, "failing-ingest", (_, endpoint) => endpoint.Consumer(() => new StoreVectorConsumer(pump)));
        await _host.SendAsync(
            new("exchange:failing-ingest"),
            first with { Points = [Point(0, Wire.IdAt(0, from: 430))] },
            send => send.FaultAddress = _inbox.Address);
        var fault = await _inbox.NextAsync<Fault<StoreVector>>();
        Assert.Equal(first.OperationId, fault.Message.OperationId);
        await pump.DisposeAsync();
    }

    [Fact]
    public async Task SearchRequest_IsAnsweredByTheShardsToTheCallersAddress()
    {
        await DefineAsync();
        var operation = Operation(500, 30);
        await _host.SendAsync(ShardAddress.Ingest, operation);
        await StoredAsync(operation);
        var request = await SearchAsync(null, new() { Index = 0, Vector = Wire.Vector(1, 0, 0), TopK = 3, ShardsToSearch = 0 });
        await Eventually.TrueAsync(() => PartsOf(request).Count == RoleHost.ShardCount, "a part of each shard");
        var parts = PartsOf(request);
        Assert.Equal([0, 1, 2], parts.Select(part => part.Shard).Order());
        Assert.All(parts, part => Assert.Equal([0, 1, 2], part.Answers[0].Asked));
    }

    [Fact]
    public async Task SearchThatCannotBePassedOn_IsRefusedToTheCallersAddress()
    {
        await DefineAsync();
        var request = await SearchAsync(null, new() { Index = 5, Vector = Wire.Vector(1), TopK = 3, ShardsToSearch = 1 });
        await Eventually.TrueAsync(() => _inbox.AllOf<SearchRejected>(request).Count == 1, "the refusal");
        Assert.Equal(5, _inbox.AllOf<SearchRejected>(request)[0].Questions[0].Index);
    }

    [Fact]
    public async Task ExpiredSearch_IsNotPassedOn()
    {
        await DefineAsync();
        var question = new SearchQuestion { Index = 0, Vector = Wire.Vector(1, 0, 0), TopK = 3, ShardsToSearch = 0 };
        var expired = await SearchAsync(TimeSpan.FromTicks(1), question);
        // The transport may drop it first; whoever does, the shards must not see it, and what comes later must go through.
        var later = await SearchAsync(TimeSpan.FromMinutes(1), question);
        await Eventually.TrueAsync(() => PartsOf(later).Count == RoleHost.ShardCount, "the later search's parts");
        Assert.DoesNotContain(_host.Harness.Sent.Select<SearchShard>(Stop), sent => sent.Context.RequestId == expired);
    }

    [Fact]
    public async Task DeadlineOfASearch_TravelsToTheShards()
    {
        await DefineAsync();
        var request = await SearchAsync(
            TimeSpan.FromMinutes(1), new() { Index = 0, Vector = Wire.Vector(1, 0, 0), TopK = 3, ShardsToSearch = 0 });
        await Eventually.TrueAsync(() => PartsOf(request).Count == RoleHost.ShardCount, "a part of each shard");
        var sent = _host.Harness.Sent.Select<SearchShard>(Stop).Where(message => message.Context.RequestId == request).ToList();
        // All shards are of one worker; before it has announced each, some are asked by themselves.
        Assert.InRange(sent.Count, 1, RoleHost.ShardCount);
        Assert.All(sent, message => Assert.InRange(message.Context.TimeToLive!.Value, TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(1)));
    }

    [Fact]
    public async Task Texts_AreEmbeddedWithTheirTokenCounts()
    {
        string[] texts = ["hello world", ""];
        var embedded = await _host.AskAsync<EmbedTexts, TextsEmbedded>(ShardAddress.RouteSearch, new() { Texts = texts });
        Assert.Equal(Models.Name, embedded.Model);
        Assert.Equal([4, 2], embedded.TokenCounts);
        Assert.Equal(model.Embedder.Embed(texts, Stop).Select(text => VectorBytes.From(text.Vector)), embedded.Vectors);
    }

    [Fact]
    public async Task Training_GivesOneCentroidAShard()
    {
        float[][] axes = [[9, 0, 0], [0, 9, 0], [0, 0, 9]];
        var sample = Enumerable.Range(0, 60).Select(i => axes[i % 3]).ToArray();
        var trained = await _host.AskAsync<TrainCentroids, CentroidsTrained>(ShardAddress.Ingest, new()
        {
            Vectors = [.. sample.SelectMany(vector => VectorBytes.From(vector))],
            Dimensions = 3,
            ShardCount = 3,
        });
        Assert.Equal(60, trained.SampleCount);
        var expected = CentroidTrainer.Train(sample, 3, seed: 1, isSpherical: true).Centroids;
        Assert.Equal(expected.SelectMany(centroid => centroid), VectorBytes.ToFloats(trained.Centroids));
    }

    [Fact]
    public async Task TrainingFromTextsForVectorsOfAnotherSize_IsRefused()
    {
        var refused = await _host.AskAsync<TrainCentroids, RequestRefused>(
            ShardAddress.Ingest, new() { Texts = ["a"], Dimensions = 3, ShardCount = 3 });
        Assert.True(refused.IsCallersFault);
        Assert.Contains("384", refused.Reason);
    }

    [Fact]
    public async Task Placement_CatchesUpWithTheKeeperByRevision()
    {
        var state = await DefineAsync();
        var placement = new PlacementView(_host.Bus, new SketchBook());
        Assert.Equal(state.Revision, (await placement.RouterAsync(0, Stop))!.State.Revision);
        placement.Note(state with { Revision = state.Revision - 1, Epoch = 99 });
        Assert.NotEqual(99, (await placement.RouterAsync(0, Stop))!.State.Epoch);
        placement.Note(state with { Revision = state.Revision + 5, Epoch = 99 });
        Assert.Equal(99, (await placement.RouterAsync(state.Revision + 5, Stop))!.State.Epoch);
        Assert.Equal(99, (await placement.RouterAsync(state.Revision + 6, Stop))!.State.Epoch);
    }

    PlacementView Placement => _host.Services.GetRequiredService<PlacementView>();

    async Task<CollectionState> DefineAsync() => (await _host.AskAsync<DefineCollection, CollectionDefined>(
        ShardAddress.Directory(ShardAddress.KeeperShard), new() { Shape = Wire.Shape })).State;

    List<ShardPart> PartsOf(Guid request) => [.. _inbox.AllOf<ShardSearched>(request).SelectMany(
        message => message.Also.Prepend(new() { Shard = message.Shard, Answers = message.Answers }))];

    async Task<Guid> SearchAsync(TimeSpan? timeToLive, SearchQuestion question)
    {
        var request = Guid.NewGuid();
        await _host.SendAsync(ShardAddress.RouteSearch, new SearchRequest { Questions = [question], Revision = 1 }, send =>
        {
            send.RequestId = request;
            send.ResponseAddress = _inbox.Address;
            send.TimeToLive = timeToLive;
        });
        return request;
    }

    StoreVector Operation(int from, int count) => new()
    {
        OperationId = Guid.NewGuid(),
        Revision = 1,
        ReplyTo = _inbox.Address,
        Points = [.. Enumerable.Range(0, count).Select(i => Point(i, Wire.Id((ulong)(from + i))))],
    };

    static StorePoint Point(int ordinal, byte[] id) => new() { Ordinal = ordinal, Id = id, Vector = Wire.Vector(1, ordinal, 2) };

    async Task<HashSet<(int, long)>> StoredAsync(StoreVector operation)
    {
        await Eventually.TrueAsync(() => StoredOf(operation).Count == operation.Points.Count, "every point is stored");
        return [.. StoredOf(operation).Select(point => (point.Ordinal, point.Version))];
    }

    List<StoredPoint> StoredOf(StoreVector operation) =>
        [.. _inbox.All<PointsStored>().SelectMany(stored => stored.Points).Where(point => point.OperationId == operation.OperationId)];
}
