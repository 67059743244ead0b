using System.Collections.Concurrent;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>
/// The writes that wait for shards, by operation. What arrives for an operation that nobody waits for any more is ignored.
/// Thread-safe.
/// </summary>
public sealed class PendingWrites
{
    readonly ConcurrentDictionary<Guid, PendingWrite> _writes = new();
    readonly ReplicaRoster _roster = new();
    long _points;

    /// <summary>Points of all writes under way.</summary>
    public long Points => Interlocked.Read(ref _points);

    public PendingWrite Add(Guid operationId, int pointCount)
    {
        var write = new PendingWrite(pointCount, _roster);
        _writes[operationId] = write;
        Interlocked.Add(ref _points, pointCount);
        QueryMetrics.Pending(pointCount);
        return write;
    }

    public void Remove(Guid operationId)
    {
        if (!_writes.TryRemove(operationId, out var write))
            return;
        Interlocked.Add(ref _points, -write.Count);
        QueryMetrics.Pending(-write.Count);
    }

    /// <summary>Who must confirm writes to a shard, as somebody knows it; null where that is its only replica.</summary>
    public void Note(int shard, ReplicaMembers? members)
    {
        if (_roster.Note(shard, members))
            foreach (var write in _writes.Values)
                write.LookAgain();
    }

    public void Take(PointsStored message)
    {
        Note(message.Shard, message.Members);
        foreach (var point in message.Points)
            if (_writes.TryGetValue(point.OperationId, out var write))
                write.Stored(point.Ordinal, message.Shard, point.Version, point.Evicting, message.Replica);
    }

    public void Take(PointsEvicted message)
    {
        Note(message.Shard, message.Members);
        foreach (var point in message.Points)
            if (_writes.TryGetValue(point.OperationId, out var write))
                write.Evicted(point.Ordinal, message.Shard, message.Replica);
    }

    public void Take(PointsDeleted message)
    {
        if (_writes.TryGetValue(message.OperationId, out var write))
            foreach (var point in message.Points)
                write.Deleted(point.Ordinal, message.Shard, point);
    }

    public void Take(PointsRejected message)
    {
        QueryMetrics.Rejected(message.Points.Count);
        foreach (var point in message.Points)
            if (_writes.TryGetValue(point.OperationId, out var write))
                write.Rejected(point.Ordinal, point.Reason);
    }
}
