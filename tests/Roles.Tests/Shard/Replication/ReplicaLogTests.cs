using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.Roles.Tests;

public sealed class ReplicaLogTests : IAsyncDisposable
{
    readonly TempFolder _folder = new();
    OwnedShard _shard;
    ReplicaLog _log;

    public ReplicaLogTests()
    {
        _shard = Open();
        _log = new(self: 1, _shard);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ChangesInTheirOrder_AreAppliedOnceAndRemembered()
    {
        Assert.True(await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 5, members: [0]), Stop));
        Assert.True(await _log.ApplyAsync(Change(At(1, 2), At(1, 1), version: 6, members: [0, 1]), Stop));
        Assert.True(await _log.ApplyAsync(Change(At(1, 2), At(1, 1), version: 6, members: [0, 1]), Stop));
        Assert.False(await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 5, members: [0]), Stop));
        await _shard.DisposeAsync();
        _shard = Open();
        _log = new(1, _shard);
        Assert.Equal((At(1, 2), true, At(1, 2)), (_log.Position, _log.IsMember, _log.Members!.Since));
        Assert.Equal(6, _shard.Engine.Copy.Version);
    }

    [Fact]
    public async Task AMissedChange_IsNoticed()
    {
        await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 1), Stop);
        await Assert.ThrowsAsync<ReplicaBehindException>(() => _log.ApplyAsync(Change(At(1, 3), At(1, 2), version: 3), Stop));
        await Assert.ThrowsAsync<ReplicaBehindException>(() => _log.ApplyAsync(Change(At(2, 3), At(1, 2), version: 3), Stop));
        Assert.Equal((At(1, 1), 1L), (_log.Position, _shard.Engine.Copy.Version));
    }

    [Fact]
    public async Task WhatAnEarlierLeaderDecidedAfterItsTerm_DoesNotCount()
    {
        await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 1), Stop);
        await _log.ApplyAsync(Change(At(2, 2), At(1, 1), version: 1), Stop);
        Assert.False(await _log.ApplyAsync(Change(At(1, 2), At(1, 1), version: 9), Stop));
        Assert.Equal((At(2, 2), 1L), (_log.Position, _shard.Engine.Copy.Version));
    }

    [Fact]
    public async Task WhoeverHasAppliedALateDecisionOfAnEarlierLeader_NoticesThatTheOthersHaveNot()
    {
        await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 1), Stop);
        await _log.ApplyAsync(Change(At(1, 2), At(1, 1), version: 2), Stop);
        await Assert.ThrowsAsync<ReplicaBehindException>(() => _log.ApplyAsync(Change(At(2, 2), At(1, 1), version: 1), Stop));
    }

    [Fact]
    public async Task ItsOwnProposal_IsToldWhetherItCame()
    {
        var (first, late) = (_log.AwaitAsync(At(1, 1)), _log.AwaitAsync(At(2, 1)));
        await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 1) with { Leader = 1 }, Stop);
        await _log.ApplyAsync(Change(At(2, 1), At(0, 0), version: 1) with { Leader = 1 }, Stop);
        Assert.True(await first);
        Assert.False(await late);
    }

    [Fact]
    public async Task AnAnswer_WaitsForAllMembersAndNotForOthers()
    {
        await _log.ApplyAsync(Change(At(1, 1), At(0, 0), version: 1, members: [0, 1, 2]), Stop);
        var acks = new ReplicaAcks(self: 1, _log, Stop);
        var waiting = acks.AwaitAsync(At(1, 1));
        acks.Note(0, At(1, 1));
        acks.Note(3, At(1, 9));
        acks.Note(2, At(1, 0));
        Assert.False(waiting.IsCompleted);
        await _log.ApplyAsync(Change(At(1, 2), At(1, 1), version: 1, members: [0, 1]), Stop);
        await waiting;
        var next = acks.AwaitAsync(At(1, 2));
        acks.Note(0, At(1, 1));
        Assert.False(next.IsCompleted);
        acks.Note(0, At(2, 0));
        await next;
    }

    public async ValueTask DisposeAsync()
    {
        await _shard.DisposeAsync();
        _folder.Dispose();
    }

    static LogPosition At(long term, long sequence) => new() { Term = term, Sequence = sequence };

    static DirectoryLogged Change(LogPosition position, LogPosition previous, long version, int[]? members = null) => new()
    {
        Shard = 0,
        Leader = 0,
        Position = position,
        Previous = previous,
        Version = version,
        Members = members,
    };

    OwnedShard Open() => new(Shard.Open(new() { Path = Path.Combine(_folder.Path, "0.sqlite3"), Number = 0 }), NullLogger.Instance);
}
