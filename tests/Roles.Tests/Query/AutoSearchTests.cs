using MassTransit.Testing;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

/// <summary>"auto" from end to end: clusters are stored, centroids trained, sketches made and published by the roles themselves.</summary>
public sealed class AutoSearchTests : IAsyncLifetime
{
    const int Dimensions = 16;
    const int ClusterCount = 9;
    const int RowsPerCluster = 60;
    const int TopK = 10;

    readonly TempFolder _folder = new();
    readonly Clusters _clusters = new(7, Dimensions);
    RoleHost _host = null!;
    ulong _nextId = 1;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _host = await RoleHost.StartAsync(_folder.Path, Roles.All);
        await Get<CollectionKeeper>().GetOrDefineAsync(new() { Id = PointId.From(1), Vector = _clusters.Axis(0) }, Stop);
        for (var cluster = 0; cluster < ClusterCount; cluster++)
            await StoreAsync(_clusters.Many(_clusters.Axis(cluster), RowsPerCluster));
        await TrainAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    [Fact]
    public async Task Auto_AsksFewerShardsThanAllAndFindsTheSame()
    {
        var (asked, same, queries) = (0, 0, 60);
        for (var i = 0; i < queries; i++)
        {
            var query = _clusters.Near(_clusters.Axis(i % ClusterCount));
            var (auto, all) = (await SearchAsync(query, SearchQuestion.AutoShards), await SearchAsync(query, SearchQuestion.AllShards));
            asked += auto.Asked.Length;
            same += auto.Ids.SequenceEqual(all.Ids) ? 1 : 0;
            Assert.Equal((RoleHost.ShardCount, TopK), (all.Asked.Length, all.Ids.Count));
        }
        Assert.True(asked < queries * 2, $"{asked} shards were asked for {queries} searches");
        Assert.True(same >= queries - 1, $"{same} of {queries} found the same");
    }

    [Fact]
    public async Task WhatAutoLeavesOut_IsFoundByTrial()
    {
        for (var i = 0; i < ClusterCount; i++)
            await StoreAsync(_clusters.Many(_clusters.Axis(i), RowsPerCluster));
        var book = Get<SketchBook>();
        await Eventually.TrueAsync(
            () => book.BoundOf(State().Epoch) != AutoBound.Untried, "the bound is found");
        Assert.InRange(book.BoundOf(State().Epoch), 1e-6, 0.05);
        await Auto_AsksFewerShardsThanAllAndFindsTheSame();
    }

    [Fact]
    public async Task PointUnlikeAllOthers_IsFoundAtOnce()
    {
        for (var axis = 0; axis < Dimensions; axis++)
        {
            var far = _clusters.Near(_clusters.Axis(axis, sign: -1));
            var id = (await StoreAsync([far]))[0];
            var found = await SearchAsync(far, SearchQuestion.AutoShards);
            Assert.Equal(Convert.ToHexString(id), found.Ids[0]);
        }
    }

    [Fact]
    public async Task PointsUnlikeAllOthers_AreSoonFoundFromNearby()
    {
        // Between two shards, so that their centroids do not tell where all of them are.
        float[] centre = [.. _clusters.Axis(12, sign: -1).Zip(_clusters.Axis(14), (left, right) => (left + right) / 1.4142f)];
        await StoreAsync(_clusters.Many(centre, 30));
        for (var i = 0; i < 10; i++)
        {
            var query = _clusters.Near(centre);
            var all = (await SearchAsync(query, SearchQuestion.AllShards)).Ids;
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(30));
            while (!(await SearchAsync(query, SearchQuestion.AutoShards)).Ids.SequenceEqual(all))
                await Task.Delay(20, patience.Token);
        }
    }

    [Fact]
    public async Task RouterThatLacksSketches_IsSentThem()
    {
        var before = Sent().Count;
        await _host.Bus.Publish(
            new RouterAnnounced
            {
                Instance = Guid.NewGuid(),
                Model = "m",
                ModelChecksum = "c",
                Dimensions = Dimensions,
                MaxTokens = 1,
                SketchRevisions = [],
            },
            Stop);
        await Eventually.TrueAsync(
            () => Sent().Skip(before).Select(sketch => sketch.Shard).Distinct().Count() == RoleHost.ShardCount,
            "every shard sends its sketch");
    }

    List<ShardSketched> Sent() =>
        [.. _host.Harness.Published.Select<ShardSketched>(Stop).Select(published => published.Context.Message)];

    CollectionState State() => Get<ClusterView>().Collection!;

    async Task TrainAsync()
    {
        var keeper = Get<CollectionKeeper>();
        var trained = await keeper.TrainAsync(
            new() { StoredShare = 1, Dimensions = Dimensions, ShardCount = RoleHost.ShardCount }, Stop);
        await keeper.SetCentroidsAsync(
            new()
            {
                CentroidShards = [.. Enumerable.Range(0, RoleHost.ShardCount)],
                Centroids = trained.Centroids,
                CentroidOffsets = trained.Offsets,
            },
            Stop);
        await Eventually.TrueAsync(
            () => State() is { Previous.Count: 0 } state && Get<SketchBook>().GuessOf(state).ShardCount == RoleHost.ShardCount,
            "rows have moved and every shard is sketched");
    }

    async Task<List<byte[]>> StoreAsync(float[][] vectors)
    {
        var points = vectors.Select((vector, i) =>
            new StorePoint { Ordinal = i, Id = Wire.Id(_nextId++), Vector = VectorBytes.From(vector) }).ToList();
        await Get<WriteCoordinator>().StoreAsync(points, Stop);
        return [.. points.Select(point => point.Id)];
    }

    async Task<(int[] Asked, List<string> Ids)> SearchAsync(float[] query, int shards)
    {
        var parts = await Get<SearchCoordinator>().SearchAsync(
            new() { Index = 0, Vector = VectorBytes.From(query), TopK = TopK, ShardsToSearch = shards }, Stop);
        Assert.False(parts.IsPartial);
        var hits = ResultMerger.Merge(parts.Parts, TopK, lowerIsNearer: false);
        return (parts.Asked, [.. hits.Select(hit => Convert.ToHexString(hit.Point.Id))]);
    }

    T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();
}
