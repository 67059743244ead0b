using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.Embedding;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

/// <summary>Which model a collection gets, whoever stores the first text.</summary>
public sealed class CollectionModelTests(SharedEmbedder model) : IAsyncLifetime
{
    readonly Pipeline _pipeline = new();

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    RoleHost Host => _pipeline.Host;

    CollectionKeeper Keeper => Host.Services.GetRequiredService<CollectionKeeper>();

    ModelDescription Model => model.Embedder.Model;

    [Fact]
    public async Task FirstText_GivesTheCollectionTheModelsSizeAndChecksum()
    {
        var state = await Keeper.GetOrDefineAsync(new() { Id = PointId.From(1), Text = "a" }, Stop);
        Assert.Equal((384, Model.Name, Model.Checksum), (state.Shape.Dimensions, state.Shape.Model, state.Shape.ModelChecksum));
    }

    [Fact]
    public async Task TextAfterVectorsOfTheModelsSize_AddsTheModel()
    {
        var first = await Keeper.GetOrDefineAsync(new() { Id = PointId.From(1), Vector = new float[384] }, Stop);
        Assert.Null(first.Shape.Model);
        var second = await Keeper.GetOrDefineAsync(new() { Id = PointId.From(2), Text = "a" }, Stop);
        Assert.Equal(Model.Checksum, second.Shape.ModelChecksum);
    }

    [Fact]
    public async Task TextStoredInAShardItself_RecordsTheModelToo()
    {
        await StorePinnedAsync("insects");
        var found = await Host.AskAsync<GetCollection, CollectionFound>(ShardAddress.Directory(ShardAddress.KeeperShard), new());
        Assert.Equal((Model.Name, Model.Checksum), (found.State!.Shape.Model, found.State.Shape.ModelChecksum));
    }

    [Fact]
    public async Task TextForACollectionOfAnotherModelFile_IsRefusedByTheShardItselfToo()
    {
        await Keeper.DefineAsync(new() { Dimensions = 384, Model = "other", ModelChecksum = new string('0', 64) }, Stop);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => StorePinnedAsync("insects"));
        Assert.Equal(422, problem.Status);
        Assert.Contains("another model file", problem.Message);
        Assert.Equal(0, Host.Engine(1).Stats.Points);
    }

    public ValueTask InitializeAsync() => _pipeline.InitializeAsync();

    public ValueTask DisposeAsync() => _pipeline.DisposeAsync();

    Task<long> StorePinnedAsync(string text) => Host.Services.GetRequiredService<PinnedStore>().StoreAsync(
        Host.Services.GetRequiredService<ShardSet>()[1], new() { Id = PointId.From(1), Text = text }, Stop);
}
