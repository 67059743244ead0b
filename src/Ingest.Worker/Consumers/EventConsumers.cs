using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Keeps this router's copy of the collection.</summary>
public sealed class CollectionChangedConsumer(PlacementView placement) : IConsumer<CollectionChanged>
{
    public Task Consume(ConsumeContext<CollectionChanged> context)
    {
        placement.Note(context.Message.State);
        return Task.CompletedTask;
    }
}

/// <summary>Notes that a shard's queues exist.</summary>
public sealed class ShardAnnouncedConsumer(ShardsHeard shards) : IConsumer<ShardAnnounced>
{
    public Task Consume(ConsumeContext<ShardAnnounced> context)
    {
        shards.Note(context.Message);
        return Task.CompletedTask;
    }
}
