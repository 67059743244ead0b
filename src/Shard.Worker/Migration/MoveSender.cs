using System.Diagnostics;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Migration;

/// <summary>
/// Sends rows that belong elsewhere on the way that new points take: to a router, which claims and stores them. They are gone from
/// here when their new owner has committed and had them evicted. Thread-safe.
/// </summary>
public sealed class MoveSender(IBus bus, MigrationProgress progress)
{
    /// <summary>Then the rows are left for the next pass: the move may still happen, and repeating it is safe.</summary>
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(20);

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(10);

    /// <summary>Completes when the rows are gone or replaced, or the wait is over.</summary>
    public async Task MoveAsync(
        OwnedShard shard, CollectionState state, IReadOnlyList<PointRow> rows, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Ingest);
        foreach (var batch in PointBatches.Cut([.. rows.Select(PointOf)]))
            await endpoint.Send(
                new StoreVector { OperationId = NewId.NextGuid(), Revision = state.Revision, Points = batch }, cancellationToken);
        var left = rows.ToList();
        var start = Stopwatch.GetTimestamp();
        while (left.Count > 0 && Stopwatch.GetElapsedTime(start) < WaitMax)
        {
            await Task.Delay(LookEvery, cancellationToken);
            // The last one is looked at first: as long as it is here, looking at the others tells little.
            while (left.Count > 0 && IsGone(shard.Engine, left[^1]))
                left.RemoveAt(left.Count - 1);
        }
        progress.Moved(shard.Number, state.Epoch, rows.Count - left.Count);
    }

    /// <summary>Tells the keeper that a shard has no row left of earlier epochs.</summary>
    public async Task ReportAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Directory(ShardAddress.KeeperShard));
        await endpoint.Send(
            new ShardMigrated { Name = state.Shape.Name, Shard = shard.Number, Epoch = state.Epoch }, cancellationToken);
    }

    static bool IsGone(Shard shard, PointRow row)
    {
        var reading = shard.Read(row.Key, withVector: false);
        return reading.State != PointState.Live || reading.Version != row.Version;
    }

    static StorePoint PointOf(PointRow row, int ordinal) => new()
    {
        Ordinal = ordinal,
        Id = row.Key.Bytes,
        Vector = VectorBytes.From(row.Vector),
        Text = row.Text,
        Payload = row.Payload,
        MovedVersion = row.Version,
    };
}
