using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class ClusterViewTests
{
    static readonly RouterAnnounced Router =
        new() { Instance = Guid.NewGuid(), Model = "m", ModelChecksum = "c", Dimensions = 3, MaxTokens = 8 };

    readonly ManualClock _clock = new();
    readonly ClusterView _view;

    public ClusterViewTests() => _view = new(new VectorDbOptions { Shards = 2 }, _clock);

    [Fact]
    public void EverythingThatIsLacking_IsNamedUntilItIsThere()
    {
        Assert.Equal(3, _view.Lacking().Count());
        _view.Note(Router);
        _view.Note(Announced(1));
        Assert.Contains("Not heard of shard 0 (1 of 2).", _view.Lacking());
        _view.Note(Announced(0));
        Assert.Equal("The collection's state has not been read yet.", Assert.Single(_view.Lacking()));
        _view.Note((CollectionState?)null);
        Assert.Empty(_view.Lacking());
        Assert.Null(_view.Collection);
    }

    [Fact]
    public void WhoeverHasBeenSilentFor15Seconds_IsMissing()
    {
        _view.Note(Router);
        _view.Note(Announced(0));
        _clock.Advance(TimeSpan.FromSeconds(14));
        Assert.True(_view.IsPresent(0));
        _view.Note(Announced(1));
        _clock.Advance(TimeSpan.FromSeconds(2));
        Assert.False(_view.IsPresent(0));
        Assert.True(_view.IsPresent(1));
        Assert.Contains("No embedding and routing worker has been heard of.", _view.Lacking());
        Assert.Equal(Router, _view.Router);
    }

    [Fact]
    public void HigherRevision_Stays()
    {
        _view.Note(Wire.State(2) with { Revision = 5, Epoch = 5 });
        _view.Note(Wire.State(2) with { Revision = 4, Epoch = 4 });
        _view.Note((CollectionState?)null);
        Assert.Equal(5, _view.Collection!.Epoch);
        _view.Note(Wire.State(2) with { Revision = 6, Epoch = 6 });
        Assert.Equal(6, _view.Collection.Epoch);
    }

    [Fact]
    public void ShardOfASystemWithAnotherNumberOfShards_IsNotMixedIn()
    {
        _view.Note(Announced(0) with { ShardCount = 3 });
        Assert.False(_view.IsPresent(0));
        Assert.Null(_view.UrlOf(0));
        _view.Note(Announced(0));
        Assert.Equal("http://localhost/0", _view.UrlOf(0));
    }

    [Fact]
    public void AShardIsPresent_WhenOneOfItsReplicasTakesPart()
    {
        _view.Note(Announced(0) with { Replica = 1, Replicas = 2, State = ReplicaStates.Copying, Url = "http://localhost/copy" });
        Assert.False(_view.IsPresent(0));
        Assert.Equal("http://localhost/copy", _view.UrlOf(0));
        _view.Note(Announced(0) with { Replica = 0, Replicas = 2 });
        Assert.True(_view.IsPresent(0));
        Assert.Equal("http://localhost/0", _view.UrlOf(0));
        Assert.Equal(2, _view.ReplicaCount(0));
        Assert.Equal([0, 1], _view.ReplicasOf(0).Select(replica => replica.Replica));
        Assert.Equal(1, _view.ReplicaCount(1));
    }

    static ShardAnnounced Announced(int shard) => new() { Shard = shard, ShardCount = 2, Url = $"http://localhost/{shard}" };
}
