using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

public sealed class ReplicatedWriteTests
{
    readonly PendingWrites _writes = new();
    readonly Guid _operation = Guid.NewGuid();

    [Fact]
    public void AStore_IsDoneWhenEveryMemberHasIt()
    {
        var write = _writes.Add(_operation, 1);
        _writes.Take(Stored(replica: 0, Members(3, 0, 1)));
        _writes.Take(Stored(replica: 0, Members(3, 0, 1)));
        Assert.False(write.Done.IsCompleted);
        _writes.Take(Stored(replica: 1, Members(2, 1)));
        Assert.True(write.Done.IsCompleted);
    }

    [Fact]
    public void AReplicaThatHasJoined_IsWaitedForAlthoughOnlyAConfirmationNamesIt()
    {
        _writes.Note(1, Members(3, 0));
        var write = _writes.Add(_operation, 1);
        _writes.Take(Stored(replica: 0, Members(4, 0, 1)));
        _writes.Note(1, Members(3, 0));
        Assert.False(write.Done.IsCompleted);
        _writes.Take(Stored(replica: 1, Members(4, 0, 1)));
        Assert.True(write.Done.IsCompleted);
    }

    [Fact]
    public void AReplicaThatWasDropped_IsWaitedForNoLonger()
    {
        var write = _writes.Add(_operation, 1);
        _writes.Take(Stored(replica: 0, Members(3, 0, 1)));
        _writes.Note(1, Members(2, 0));
        Assert.False(write.Done.IsCompleted);
        _writes.Note(1, Members(4, 0));
        Assert.True(write.Done.IsCompleted);
    }

    [Fact]
    public void Evictions_AreDoneWhenEveryMemberHasMadeThem()
    {
        var write = _writes.Add(_operation, 1);
        _writes.Take(new PointsDeleted
        {
            Shard = 0,
            OperationId = _operation,
            Points = [new() { Ordinal = 0, Version = 7, Existed = true, Evicting = [1, 2] }],
        });
        _writes.Take(Evicted(1, replica: 0, Members(3, 0, 1)));
        _writes.Take(Evicted(2, replica: 0, members: null));
        Assert.False(write.Done.IsCompleted);
        _writes.Take(Evicted(1, replica: 1, Members(3, 0, 1)));
        Assert.True(write.Done.IsCompleted);
    }

    PointsStored Stored(int replica, ReplicaMembers members) => new()
    {
        Shard = 1,
        Replica = replica,
        Members = members,
        Points = [new() { OperationId = _operation, Ordinal = 0, Version = 5 }],
    };

    PointsEvicted Evicted(int shard, int replica, ReplicaMembers? members) => new()
    {
        Shard = shard,
        Replica = replica,
        Members = members,
        Points = [new() { OperationId = _operation, Ordinal = 0 }],
    };

    static ReplicaMembers Members(long sequence, params int[] replicas) =>
        new() { Since = new() { Term = 1, Sequence = sequence }, Replicas = replicas };
}
