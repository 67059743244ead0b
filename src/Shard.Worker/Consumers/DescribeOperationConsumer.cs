using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Says what this shard knows of an operation.</summary>
public sealed class DescribeOperationConsumer(ShardSet shards) : IConsumer<DescribeOperation>
{
    public Task Consume(ConsumeContext<DescribeOperation> context) =>
        context.RespondAsync(OperationRecord.Describe(shards[context.Message.Shard], context.Message.OperationId));
}
