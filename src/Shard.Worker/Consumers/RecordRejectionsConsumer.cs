using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Keeps refusals for those who ask later.</summary>
public sealed class RecordRejectionsConsumer(ShardSet shards) : IConsumer<RecordRejections>
{
    public Task Consume(ConsumeContext<RecordRejections> context) => shards[context.Message.Shard].Directory.ChangeAsync(
        transaction =>
        {
            OperationRecord.Rejected(transaction, context.Message.Points);
            return true;
        },
        context.CancellationToken);
}
