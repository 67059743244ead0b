using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

/// <summary>The API's coordinators with the other roles running: what a request does below HTTP.</summary>
public sealed class QueryPipelineTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    readonly RoleHost _host = pipeline.Host;
    readonly Inbox _inbox = pipeline.Inbox;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    T Get<T>()
        where T : notnull => _host.Services.GetRequiredService<T>();

    [Fact]
    public async Task StoredPoints_AreOnDiskAndFoundWhenTheAnswerComes()
    {
        await DefineAsync();
        float[] Direction(int i) => [MathF.Cos(i * 0.01f), MathF.Sin(i * 0.01f), 0];
        var points = Enumerable.Range(0, 150).Select(i => Point(i, Wire.Id((ulong)(1_000 + i)), Direction(i))).ToList();
        var fates = await Get<WriteCoordinator>().StoreAsync(points, Stop);
        Assert.Equal(150, fates.Count);
        for (var i = 0; i < 150; i++)
        {
            var reading = _host.Read(fates[i].Shard, points[i].Id);
            Assert.Equal((PointState.Live, fates[i].Version), (reading.State, reading.Version));
        }
        var read = await Get<PointReader>().FindAsync(points[7].Id, withVector: true, Stop);
        Assert.Equal(fates[7].Version, read!.Version);
        Assert.Equal(0, Get<PendingWrites>().Points);

        var parts = await Get<SearchCoordinator>().SearchAsync(
            new() { Index = 0, Vector = VectorBytes.From(Direction(149)), TopK = 1, ShardsToSearch = SearchQuestion.AllShards }, Stop);
        Assert.False(parts.IsPartial);
        var best = Assert.Single(ResultMerger.Merge(parts.Parts, 1, lowerIsNearer: false));
        Assert.Equal(points[149].Id, best.Point.Id);
    }

    [Fact]
    public async Task RejectedPoint_RefusesTheWriteAndSaysWhatWasStored()
    {
        await DefineAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Get<WriteCoordinator>().StoreAsync(
            [Point(0, Wire.Id(2_000), [1, 0, 0]), Point(1, Wire.Id(2_001), [1, 0])], Stop));
        Assert.Equal(422, problem.Status);
        Assert.Contains("points[1] has a vector of 2 numbers", problem.Message);
        Assert.Contains("The other 1 points were stored", problem.Message);
        Assert.NotNull(await Get<PointReader>().FindAsync(Wire.Id(2_000), withVector: false, Stop));
    }

    [Fact]
    public async Task DeletedPoint_IsGoneWhenTheAnswerComes()
    {
        await DefineAsync();
        var id = Wire.Id(3_000);
        await Get<WriteCoordinator>().StoreAsync([Point(0, id, [1, 0, 0])], Stop);
        Assert.True((await Get<WriteCoordinator>().DeleteAsync(id, Stop)).Existed);
        Assert.Null(await Get<PointReader>().FindAsync(id, withVector: false, Stop));
        Assert.All(Enumerable.Range(0, RoleHost.ShardCount), shard => Assert.NotEqual(PointState.Live, _host.Read(shard, id).State));
        Assert.False((await Get<WriteCoordinator>().DeleteAsync(id, Stop)).Existed);
        Assert.False((await Get<WriteCoordinator>().DeleteAsync(Wire.Id(3_001), Stop)).Existed);
    }

    [Fact]
    public async Task MorePointsThanMayBeUnderWay_AreBusy()
    {
        await DefineAsync();
        var pending = Get<PendingWrites>();
        var operation = Guid.NewGuid();
        pending.Add(operation, 50_000);
        var problem = await Assert.ThrowsAsync<ProblemException>(() =>
            Get<WriteCoordinator>().StoreAsync([Point(0, Wire.Id(4_000), [1, 0, 0])], Stop));
        pending.Remove(operation);
        Assert.Equal(429, problem.Status);
        Assert.NotNull(problem.RetryAfter);
        Assert.Single(await Get<WriteCoordinator>().StoreAsync([Point(0, Wire.Id(4_000), [1, 0, 0])], Stop));
    }

    [Fact]
    public async Task StoreLater_IsStoredAndForgotten()
    {
        await DefineAsync();
        await Get<WriteCoordinator>().StoreLaterAsync([Point(0, Wire.Id(5_000), [1, 0, 0])], Stop);
        await Eventually.TrueAsync(() => Get<PendingWrites>().Points == 0, "nothing is under way");
        Assert.NotNull(await Get<PointReader>().FindAsync(Wire.Id(5_000), withVector: false, Stop));
        Assert.False(Get<WriteCoordinator>().IsDurableOnSend);
    }

    [Fact]
    public async Task PointOnItsWay_IsReadWhereItsNewestRowIs()
    {
        await DefineAsync();
        var id = Wire.IdAt(0, from: 6_000);
        var first = await _host.PlaceAsync(_inbox, id, 1);
        var second = (await _host.ClaimAsync(0, Wire.Claim(id, 2)))[0];
        var before = await Get<PointReader>().FindAsync(id, withVector: true, Stop);
        Assert.Equal((1, first.Version), (before!.Shard, before.Version));
        await _host.StoreAsync(_inbox, Wire.Upsert(2, Wire.Row(id, second.Version)));
        var after = await Get<PointReader>().FindAsync(id, withVector: true, Stop);
        Assert.Equal((2, second.Version), (after!.Shard, after.Version));
    }

    [Fact]
    public async Task UnknownAndUnwrittenPoints_AreNotFound()
    {
        await DefineAsync();
        var claimed = Wire.IdAt(0, from: 7_000);
        await _host.ClaimAsync(0, Wire.Claim(claimed, 1));
        Assert.Null(await Get<PointReader>().FindAsync(claimed, withVector: true, Stop));
        Assert.Null(await Get<PointReader>().FindAsync(Wire.Id(7_999), withVector: true, Stop));
    }

    [Fact]
    public async Task DeletedPointThatIsBeingStoredElsewhere_IsNotFound()
    {
        await DefineAsync();
        var id = Wire.IdAt(0, from: 7_500);
        await _host.PlaceAsync(_inbox, id, 1);
        // A delete whose release did not reach the home, and a store whose row did not reach its shard.
        var deleted = await Get<ShardSet>()[0].Writer.WriteAsync(
            transaction => transaction.Claim(new Claim(Guid.NewGuid(), 0, new(id), null)).Version, Stop);
        await Get<ShardSet>()[1].Writer.WriteAsync(transaction => transaction.Evict(new(id), deleted), Stop);
        await _host.ClaimAsync(0, Wire.Claim(id, 2));
        Assert.Null(await Get<PointReader>().FindAsync(id, withVector: true, Stop));
    }

    [Fact]
    public async Task Survey_HasEveryShardsCounts()
    {
        await DefineAsync();
        var described = await Get<ShardSurvey>().AskAllAsync(Stop);
        Assert.Equal([0, 1, 2], described.Select(shard => shard!.Shard));
    }

    [Fact]
    public async Task PinnedPoint_IsStoredInItsShardAndMovedFromAnother()
    {
        await DefineAsync();
        var shards = Get<ShardSet>();
        var point = new PointInput { Id = PointId.From(8_000), Vector = [0, 0, 5] };
        var first = await Get<PinnedStore>().StoreAsync(shards[1], point, Stop);
        var second = await Get<PinnedStore>().StoreAsync(shards[2], point, Stop);
        Assert.True(second > first);
        Assert.Equal(PointState.Tombstone, _host.Read(1, point.Id.ToKey()).State);
        Assert.Equal((PointState.Live, second), (_host.Read(2, point.Id.ToKey()).State, _host.Read(2, point.Id.ToKey()).Version));
        await Eventually.TrueAsync(() => _host.PlacesOf(point.Id.ToKey()) is [2], "the home knows one place");
    }

    [Theory]
    [InlineData(new float[] { 1, 2 }, "vectors of 3")]
    [InlineData(new float[] { 0, 0, 0 }, "no direction")]
    public async Task PinnedPointThatDoesNotFit_IsRefused(float[] vector, string reason)
    {
        await DefineAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Get<PinnedStore>().StoreAsync(
            Get<ShardSet>()[1], new() { Id = PointId.From(8_100), Vector = vector }, Stop));
        Assert.Equal(422, problem.Status);
        Assert.Contains(reason, problem.Message);
        Assert.Equal(PointState.Absent, _host.Read(1, Wire.Id(8_100)).State);
    }

    [Fact]
    public async Task PinnedText_IsRefusedWhereTheModelDoesNotFit()
    {
        await DefineAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Get<PinnedStore>().StoreAsync(
            Get<ShardSet>()[1], new() { Id = PointId.From(8_200), Text = "insects" }, Stop));
        Assert.Equal(422, problem.Status);
        Assert.Contains("has a text, but the model all-MiniLM-L6-v2 makes vectors of 384", problem.Message);
    }

    [Fact]
    public async Task CentroidsForAnotherNumberOfShardsThanTheKeepers_AreAConflict()
    {
        await DefineAsync();
        var problem = await Assert.ThrowsAsync<ProblemException>(() => Get<CollectionKeeper>().SetCentroidsAsync(
            new() { CentroidShards = [RoleHost.ShardCount], Centroids = Wire.Vector(1, 0, 0) }, Stop));
        Assert.Equal(409, problem.Status);
        Assert.Contains("train again", problem.Message);
    }

    async Task DefineAsync() => await Get<CollectionKeeper>().GetOrDefineAsync(
        new() { Id = PointId.From(1), Vector = [1, 2, 3] }, Stop);

    static StorePoint Point(int ordinal, byte[] id, float[] vector) =>
        new() { Ordinal = ordinal, Id = id, Vector = VectorBytes.From(vector) };
}
