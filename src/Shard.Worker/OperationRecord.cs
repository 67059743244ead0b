using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>
/// What became of operations' points, kept in the shard's file in the same transaction that decides it. Only of operations that
/// somebody may ask for: what a migration moves has ids that nobody was given.
/// </summary>
static class OperationRecord
{
    public static void Stored(ShardTransaction transaction, IEnumerable<(Guid OperationId, int Ordinal)> points)
    {
        foreach (var operation in points.GroupBy(point => point.OperationId, point => point.Ordinal))
            if (OperationId.IsRecorded(operation.Key))
                transaction.Record(operation.Key, [.. operation]);
    }

    public static void Rejected(ShardTransaction transaction, IEnumerable<RejectedPoint> points)
    {
        foreach (var refusal in points.GroupBy(point => (point.OperationId, point.Reason), point => point.Ordinal))
            transaction.Record(refusal.Key.OperationId, [.. refusal], refusal.Key.Reason);
    }

    public static OperationDescribed Describe(OwnedShard shard, Guid operationId)
    {
        var outcomes = shard.Engine.Outcomes(operationId);
        return new()
        {
            Shard = shard.Number,
            Stored = Bits(outcomes.Where(outcome => outcome.Refusal is null)),
            Refused = [.. outcomes.Where(outcome => outcome.Refusal is not null).GroupBy(outcome => outcome.Refusal!)
                .Select(reason => new RefusedPoints { Reason = reason.Key, Ordinals = Bits(reason) })],
        };
    }

    static byte[] Bits(IEnumerable<Outcome> outcomes) => OrdinalBits.From(outcomes.SelectMany(outcome => outcome.Ordinals));
}
