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

/// <summary>Notes that a shard's queues exist, and where it is open.</summary>
public sealed class ShardAnnouncedConsumer(ShardsHeard shards, ShardWorkers workers) : IConsumer<ShardAnnounced>
{
    public Task Consume(ConsumeContext<ShardAnnounced> context)
    {
        workers.Note(context.Message);
        shards.Note(context.Message);
        return Task.CompletedTask;
    }
}
