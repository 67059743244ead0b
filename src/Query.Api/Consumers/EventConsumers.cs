using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.QueryApi.Consumers;

/// <summary>Keeps this API's copy of the collection.</summary>
public sealed class CollectionChangedConsumer(ClusterView view) : IConsumer<CollectionChanged>
{
    public Task Consume(ConsumeContext<CollectionChanged> context)
    {
        view.Note(context.Message.State);
        return Task.CompletedTask;
    }
}

/// <summary>Notes that a shard is there, and which of its replicas take part.</summary>
public sealed class ShardAnnouncedConsumer(ClusterView view, PendingWrites writes) : IConsumer<ShardAnnounced>
{
    public Task Consume(ConsumeContext<ShardAnnounced> context)
    {
        view.Note(context.Message);
        writes.Note(context.Message.Shard, context.Message.Members);
        return Task.CompletedTask;
    }
}

/// <summary>Notes that a router is there, and its model.</summary>
public sealed class RouterAnnouncedConsumer(ClusterView view) : IConsumer<RouterAnnounced>
{
    public Task Consume(ConsumeContext<RouterAnnounced> context)
    {
        view.Note(context.Message);
        return Task.CompletedTask;
    }
}
