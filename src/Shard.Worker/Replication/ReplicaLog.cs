using System.Collections.Concurrent;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Applies the decisions of a home's leaders in their order. Each names the one before it: a replica that has missed one, or has applied
/// one that no longer counts, finds out here. One message at a time; the properties are thread-safe.
/// </summary>
public sealed class ReplicaLog
{
    readonly int _self;
    readonly OwnedShard _shard;
    readonly ConcurrentDictionary<LogPosition, TaskCompletionSource<bool>> _proposed = new();
    readonly ReplicaMarks _marks = new();
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

    public void Meet(LogBarrier barrier) => _marks.Passed(barrier.Mark);

    /// <summary>Returns whether the change is in the file: applied now or before.</summary>
    /// <exception cref="ReplicaBehindException">Something before it was missed.</exception>
    public async Task<bool> ApplyAsync(DirectoryLogged logged, CancellationToken cancellationToken)
    {
        var file = _file;
        var isNext = logged.Previous == file.Position;
        if (isNext)
        {
            await ApplyAsync(logged, file, cancellationToken);
            Advanced?.Invoke();
        }
        else if (logged.Position.IsAfter(file.Position) && logged.Leader != _self)
            throw new ReplicaBehindException(
                $"Shard {logged.Shard} met change {logged.Position} of its log, which follows {logged.Previous}, at {file.Position}.");
        if (_proposed.TryRemove(logged.Position, out var waiting) && logged.Leader == _self)
            waiting.TrySetResult(isNext);
        return isNext || logged.Position == file.Position;
    }

    async Task ApplyAsync(DirectoryLogged logged, ReplicaFile before, CancellationToken cancellationToken)
    {
        var change = LogMessages.ChangeOf(logged);
        var after = before with
        {
            Position = logged.Position,
            Members = logged.Members is { } members ? new() { Since = logged.Position, Replicas = members } : before.Members,
        };
        await _shard.Writer.WriteAsync(
            transaction =>
            {
                transaction.Apply(change);
                after.Write(transaction);
                return true;
            },
            cancellationToken);
        _file = after;
    }

    static TaskCompletionSource<T> Promise<T>() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}

/// <summary>This replica lacks something that the others have, and must be copied from one of them.</summary>
public sealed class ReplicaBehindException(string message) : Exception(message);
