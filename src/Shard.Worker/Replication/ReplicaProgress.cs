using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Tells a shard's leader how far this replica has applied the log. The furthest position says everything, so one message is under way
/// at a time and the log does not wait for it: a replica that catches up under load must be faster than the leader. Thread-safe.
/// </summary>
public sealed class ReplicaProgress(LeaderPort port, CancellationToken ending)
{
    static readonly TimeSpan Again = TimeSpan.FromMilliseconds(200);

    readonly Lock _lock = new();
    (int Leader, LogPosition Position)? _last;
    bool _isNew;
    bool _isSending;

    public void Applied(int leader, LogPosition position)
    {
        lock (_lock)
            (_last, _isNew) = ((leader, position), true);
        Send();
    }

    /// <summary>What was said last may have been lost with a connection.</summary>
    public void Repeat()
    {
        lock (_lock)
            _isNew = _last is not null;
        Send();
    }

    void Send()
    {
        lock (_lock)
        {
            if (_isSending || !_isNew)
                return;
            _isSending = true;
        }
        _ = SendAsync();
    }

    async Task SendAsync()
    {
        while (Next() is { } next)
            try
            {
                if (next.Leader != port.Self)
                    await port.AcknowledgeAsync(next.Leader, next.Position, CancellationToken.None);
            }
            catch (Exception)
            {
                // The broker is away for a moment; longer than some seconds, and this life ends.
                if (ending.IsCancellationRequested)
                    return;
                lock (_lock)
                    _isNew = true;
                await Task.Delay(Again, CancellationToken.None);
            }
    }

    (int Leader, LogPosition Position)? Next()
    {
        lock (_lock)
        {
            _isSending = _isNew;
            _isNew = false;
            return _isSending ? _last : null;
        }
    }
}
