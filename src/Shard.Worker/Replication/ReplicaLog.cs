using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Applies the decisions of a home's leaders in their order. Each names the one before it: a replica that has missed one, or has
/// applied one that no longer counts, finds out here. Thread-safe; what is to be applied in order must be given in order, and need
/// not be waited for.
/// </summary>
public sealed class ReplicaLog
{
    readonly int _self;
    readonly OwnedShard _shard;
    readonly ConcurrentDictionary<LogPosition, TaskCompletionSource<bool>> _proposed = new();
    readonly ReplicaMarks _marks = new();
    readonly Lock _lock = new();
    volatile ReplicaFile _file;

    public ReplicaLog(int self, OwnedShard shard) => (_self, _shard, _file) = (self, shard, ReplicaFile.Read(shard.Engine));

    /// <summary>A change was applied, or the members have changed.</summary>
    public event Action? Advanced;

    public LogPosition Position => _file.Position;

    public ReplicaMembers? Members => _file.Members;

    public bool IsMember => _file.Members?.Replicas.Contains(_self) == true;

    /// <summary>Completes when this replica has met the change: true if it was applied, false if it no longer counts.</summary>
    public Task<bool> AwaitAsync(LogPosition position) => _proposed.GetOrAdd(position, _ => Promise<bool>()).Task;

    /// <summary>Completes when this mark has come back: everything logged before it has been applied.</summary>
    public Task AwaitMarkAsync(Guid mark) => _marks.AwaitAsync(mark);

    /// <summary>Completes when everything that was met before is committed.</summary>
    public async Task MeetAsync(LogBarrier barrier, CancellationToken cancellationToken)
    {
        await _shard.Writer.WriteAsync(_ => true, cancellationToken);
        _marks.Passed(barrier.Mark);
    }

    /// <summary>Returns whether the change is in the file: applied now or before.</summary>
    /// <exception cref="ReplicaBehindException">Something before it was missed.</exception>
    public async Task<bool> ApplyAsync(DirectoryLogged logged, CancellationToken cancellationToken)
    {
        var change = LogMessages.ChangeOf(logged);
        var (before, after) = await _shard.Writer.WriteAsync(transaction => Apply(transaction, logged, change), cancellationToken);
        var isNext = logged.Previous == before.Position;
        if (isNext)
            Advance(after);
        else if (logged.Position.IsAfter(before.Position) && logged.Leader != _self)
            throw new ReplicaBehindException(
                $"Shard {logged.Shard} met change {logged.Position} of its log, which follows {logged.Previous}, at {before.Position}.");
        if (_proposed.TryRemove(logged.Position, out var waiting) && logged.Leader == _self)
            waiting.TrySetResult(isNext);
        return isNext || logged.Position == before.Position;
    }

    /// <summary>Asks the file itself what comes next, because changes before this one may still be under way.</summary>
    static (ReplicaFile Before, ReplicaFile After) Apply(ShardTransaction transaction, DirectoryLogged logged, DirectoryChange change)
    {
        var before = ReplicaFile.Read(transaction);
        if (logged.Previous != before.Position)
            return (before, before);
        transaction.Apply(change);
        var after = before with
        {
            Position = logged.Position,
            Members = logged.Members is { } members ? new() { Since = logged.Position, Replicas = members } : before.Members,
        };
        after.Write(transaction);
        return (before, after);
    }

    /// <summary>Changes are committed in order, but may be heard of in another.</summary>
    void Advance(ReplicaFile after)
    {
        lock (_lock)
            if (after.Position.IsAfter(_file.Position))
                _file = after;
        Advanced?.Invoke();
    }

    static TaskCompletionSource<T> Promise<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>This replica lacks something that the others have, and must be copied from one of them.</summary>
public sealed class ReplicaBehindException(string message) : Exception(message);
