using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Takes points in: they leave for their shards in the pump's next batch.</summary>
public sealed class StoreVectorConsumer(IngestPump pump) : IConsumer<StoreVector>
{
    public Task Consume(ConsumeContext<StoreVector> context) => pump.StoreAsync(context.Message, context.CancellationToken);
}
