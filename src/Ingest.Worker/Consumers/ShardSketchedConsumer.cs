using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Keeps this router's copies of the shards' sketches.</summary>
public sealed class ShardSketchedConsumer(SketchBook sketches) : IConsumer<ShardSketched>
{
    public Task Consume(ConsumeContext<ShardSketched> context)
    {
        sketches.Note(context.Message);
        return Task.CompletedTask;
    }
}
