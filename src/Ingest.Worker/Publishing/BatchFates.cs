using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// The operations of a load that are under way. Shards and routers tell the load's reply queue what became of their points, and
/// this counts it. Thread-safe.
/// </summary>
public sealed class BatchFates(LoadProgress progress, TimeProvider clock)
{
    readonly ConcurrentDictionary<Guid, PublishedBatch> _open = new();
    long _movedAt = clock.GetTimestamp();

    /// <summary>Operations of which some rows are not decided.</summary>
    public IReadOnlyList<PublishedBatch> Open => [.. _open.Values.OrderBy(batch => batch.Rows[0].Number)];

    /// <summary>For how long nothing has been decided although something was under way.</summary>
    public TimeSpan Quiet => _open.IsEmpty ? TimeSpan.Zero : clock.GetElapsedTime(Interlocked.Read(ref _movedAt));

    public PublishedBatch Begin(IReadOnlyList<LoadedRow> rows)
    {
        if (_open.IsEmpty)
            NoteMove();
        var batch = new PublishedBatch(rows);
        _open[batch.Id] = batch;
        return batch;
    }

    public void Take(PointsStored message)
    {
        foreach (var operation in message.Points.GroupBy(point => point.OperationId, point => point.Ordinal))
            Stored(operation.Key, operation);
    }

    public void Take(PointsRejected message)
    {
        foreach (var refusal in message.Points.GroupBy(point => (point.OperationId, point.Reason), point => point.Ordinal))
            Rejected(refusal.Key.OperationId, refusal.Key.Reason, refusal);
    }

    /// <summary>What a shard answered when it was asked for an operation.</summary>
    public void Take(Guid operationId, OperationDescribed answer)
    {
        Stored(operationId, OrdinalBits.Ordinals(answer.Stored));
        foreach (var refused in answer.Refused)
            Rejected(operationId, refused.Reason, OrdinalBits.Ordinals(refused.Ordinals));
    }

    void Stored(Guid operationId, IEnumerable<int> ordinals) => Decide(operationId, ordinals, progress.AddStored);

    void Rejected(Guid operationId, string reason, IEnumerable<int> ordinals) => Decide(operationId, ordinals, rows =>
    {
        foreach (var row in rows)
            progress.AddRejected(row, $"the router refuses it: it {reason}");
    });

    void Decide(Guid operationId, IEnumerable<int> ordinals, Action<IReadOnlyList<LoadedRow>> count)
    {
        if (!_open.TryGetValue(operationId, out var batch))
            return;
        var rows = batch.Decide(ordinals);
        if (rows.Count == 0)
            return;
        NoteMove();
        count(rows);
        if (batch.Count(rows.Count))
            _open.TryRemove(operationId, out _);
    }

    void NoteMove() => Interlocked.Exchange(ref _movedAt, clock.GetTimestamp());
}
