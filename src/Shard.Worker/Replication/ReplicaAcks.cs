using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>How far each replica has applied the log, and who waits for all members to have come somewhere. Thread-safe.</summary>
public sealed class ReplicaAcks
{
    readonly int _self;
    readonly ReplicaLog _log;
    readonly Lock _lock = new();
    readonly Dictionary<int, LogPosition> _applied = [];
    readonly List<(LogPosition Position, TaskCompletionSource Reached)> _waiting = [];

    public ReplicaAcks(int self, ReplicaLog log, CancellationToken stopping)
    {
        (_self, _log) = (self, log);
        log.Advanced += Release;
        stopping.Register(Cancel);
    }

    public void Note(int replica, LogPosition position)
    {
        lock (_lock)
            if (!_applied.TryGetValue(replica, out var before) || position.IsAfter(before))
                _applied[replica] = position;
        Release();
    }

    /// <summary>Completes when every member has applied the log at least up to here; members may change meanwhile.</summary>
    public Task AwaitAsync(LogPosition position)
    {
        var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock)
            _waiting.Add((position, reached));
        Release();
        return reached.Task;
    }

    void Release()
    {
        lock (_lock)
        {
            var all = _log.Members?.Replicas ?? [];
            _waiting.RemoveAll(waiting => all.All(replica => HasReached(replica, waiting.Position)) && waiting.Reached.TrySetResult());
        }
    }

    bool HasReached(int replica, LogPosition position) => replica == _self
        ? _log.Position.IsAtLeast(position)
        : _applied.TryGetValue(replica, out var applied) && applied.IsAtLeast(position);

    void Cancel()
    {
        lock (_lock)
        {
            foreach (var waiting in _waiting)
                waiting.Reached.TrySetCanceled();
            _waiting.Clear();
        }
    }
}
