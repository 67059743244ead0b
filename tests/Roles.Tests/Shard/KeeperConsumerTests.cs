using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class KeeperConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    static readonly Uri Keeper = ShardAddress.Directory(ShardAddress.KeeperShard);

    readonly RoleHost _host = cluster.Host;

    [Fact]
    public async Task FirstDefinition_Wins()
    {
        var first = await DefineAsync(new() { Name = "first", Dimensions = 3, Metric = "Dot" });
        var second = await DefineAsync(new() { Name = "first", Dimensions = 5 });
        Assert.Equal((3, "Dot", 1L, RoleHost.ShardCount),
            (first.Shape.Dimensions, first.Shape.Metric, first.Revision, first.ShardCount));
        Assert.Equal((3, "Dot", 1L), (second.Shape.Dimensions, second.Shape.Metric, second.Revision));
        Assert.Equal(first.Shape, (await FindAsync("first"))!.Shape);
    }

    [Fact]
    public async Task Model_IsAddedToACollectionThatHasNoneAndThenStays()
    {
        await DefineAsync(new() { Name = "model", Dimensions = 3 });
        var wrongSize = await DefineAsync(new() { Name = "model", Dimensions = 4, Model = "wide", ModelChecksum = "w" });
        Assert.Null(wrongSize.Shape.Model);
        var added = await DefineAsync(new() { Name = "model", Dimensions = 3, Model = "one", ModelChecksum = "1" });
        Assert.Equal(("one", "1", 2L), (added.Shape.Model, added.Shape.ModelChecksum, added.Revision));
        var other = await DefineAsync(new() { Name = "model", Dimensions = 3, Model = "two", ModelChecksum = "2" });
        Assert.Equal(("one", 2L), (other.Shape.Model, other.Revision));
    }

    [Fact]
    public async Task Centroids_RaiseEpochAndRevision()
    {
        await DefineAsync(new() { Name = "centroids", Dimensions = 1 });
        var request = new SetCentroids { Name = "centroids", CentroidShards = [0, 1, 2], Centroids = Wire.Vector(1, 2, 3) };
        var state = (await _host.AskAsync<SetCentroids, CentroidsSet>(Keeper, request)).State;
        Assert.Equal((1, 2L), (state.Epoch, state.Revision));
        Assert.Equal(2, (await _host.AskAsync<SetCentroids, CentroidsSet>(Keeper, request)).State.Epoch);
        var found = await FindAsync("centroids");
        Assert.Equal(2, found!.Epoch);
        // The shards, which are empty, may have reported by now that they have nothing to move.
        Assert.InRange(found.Revision, 3, 3 + (2 * request.CentroidShards.Length));
        Assert.Equal(request.Centroids, found.Centroids);
        Assert.Equal(request.CentroidShards, found.CentroidShards);
    }

    [Fact]
    public async Task CentroidsOfAnUnknownCollection_AreRefused()
    {
        var refused = await _host.AskAsync<SetCentroids, RequestRefused>(
            Keeper, new() { Name = "nobody", CentroidShards = [0], Centroids = Wire.Vector(1) });
        Assert.True(refused.IsCallersFault);
        Assert.Contains("no collection 'nobody'", refused.Reason);
    }

    [Fact]
    public async Task UnknownCollection_IsFoundToBeNone() => Assert.Null(await FindAsync("never"));

    [Fact]
    public async Task Changes_AreToldToEveryone()
    {
        await DefineAsync(new() { Name = "told", Dimensions = 1 });
        await _host.AskAsync<SetCentroids, CentroidsSet>(
            Keeper, new() { Name = "told", CentroidShards = [0, 1, 2], Centroids = Wire.Vector(1, 2, 3) });
        foreach (var revision in new[] { 1, 2 })
            Assert.True(await _host.Harness.Published.Any<CollectionChanged>(
                message => message.Context.Message.State is { Shape.Name: "told" } state && state.Revision == revision,
                TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task DefinitionsAtTheSameTime_AgreeOnOne()
    {
        var states = await Task.WhenAll(Enumerable.Range(1, 20).Select(size => DefineAsync(new() { Name = "race", Dimensions = size })));
        Assert.Single(states.Select(state => (state.Shape.Dimensions, state.Revision)).Distinct());
    }

    async Task<CollectionState> DefineAsync(CollectionShape shape) =>
        (await _host.AskAsync<DefineCollection, CollectionDefined>(Keeper, new() { Shape = shape })).State;

    async Task<CollectionState?> FindAsync(string name) =>
        (await _host.AskAsync<GetCollection, CollectionFound>(Keeper, new() { Name = name })).State;
}
