using VectorDb.Contracts;
using VectorDb.IngestWorker;

namespace VectorDb.Roles.Tests;

public sealed class ShardWorkersTests
{
    static readonly Guid First = Guid.NewGuid(), Second = Guid.NewGuid();

    readonly ShardWorkers _workers = new();

    [Fact]
    public void ShardNobodyHasAnnounced_IsAlone()
    {
        _workers.Note(Announced(0, First) with { Worker = null });
        Assert.Equal([0, 1, 2], GroupsOf(0, 1, 2));
    }

    [Fact]
    public void ShardsOfOneWorker_AreTogetherUntilOneIsOpenElsewhere()
    {
        foreach (var shard in (int[])[3, 1, 2])
            _workers.Note(Announced(shard, First));
        Assert.Equal([1, 1, 1], GroupsOf(1, 2, 3));
        _workers.Note(Announced(1, Second));
        Assert.Equal([1, 2, 2], GroupsOf(1, 2, 3));
    }

    [Fact]
    public void Replicas_AreTogetherWhereAllOfThemAre()
    {
        foreach (var shard in (int[])[0, 1])
            _workers.Note(Announced(shard, First));
        _workers.Note(Announced(0, Second) with { Replica = 1 });
        Assert.Equal([0, 1], GroupsOf(0, 1));
        _workers.Note(Announced(1, Second) with { Replica = 1 });
        Assert.Equal([0, 0], GroupsOf(0, 1));
        _workers.Note(Announced(1, Second) with { Replica = 1, State = ReplicaStates.CatchingUp });
        Assert.Equal([0, 1], GroupsOf(0, 1));
    }

    int[] GroupsOf(params int[] shards) => [.. shards.Select(_workers.GroupOf)];

    static ShardAnnounced Announced(int shard, Guid worker) => new() { Shard = shard, ShardCount = 4, Worker = worker };
}
