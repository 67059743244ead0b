using VectorDb.Contracts;
using VectorDb.IngestWorker;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class ShardsHeardTests
{
    readonly ShardsHeard _heard = new(new VectorDbOptions { Shards = 2 });

    [Fact]
    public void Router_WaitsUntilEveryShardHasBeenHeardOf()
    {
        _heard.Note(Announced(1));
        _heard.Note(Announced(1));
        Assert.False(_heard.All.IsCompleted);
        Assert.Equal("The router has heard of 1 of 2 shards; not of shard 0.", Assert.Single(_heard.Lacking()));
        _heard.Note(Announced(0));
        Assert.True(_heard.All.IsCompleted);
        Assert.Empty(_heard.Lacking());
    }

    [Fact]
    public void ShardOfASystemWithAnotherNumberOfShards_DoesNotCount()
    {
        _heard.Note(Announced(0));
        _heard.Note(Announced(1) with { ShardCount = 3 });
        Assert.False(_heard.All.IsCompleted);
    }

    [Fact]
    public void AReplicaThatDoesNotTakePartYet_DoesNotCount()
    {
        _heard.Note(Announced(0));
        _heard.Note(Announced(1) with { State = ReplicaStates.CatchingUp });
        Assert.False(_heard.All.IsCompleted);
    }

    static ShardAnnounced Announced(int shard) => new() { Shard = shard, ShardCount = 2 };
}
