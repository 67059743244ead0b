using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.ShardWorker.Migration;

/// <summary>This worker's own queue for what the keeper and routers publish.</summary>
public sealed class CollectionEvents(BusLink link) : RoleEndpoints(link)
{
    protected override void Connect() => Connect($"vectordb.shards-{NewId.Next():N}.events", (context, endpoint) =>
    {
        EndpointPolicy.ForEvents(endpoint);
        endpoint.ConfigureConsumer<CollectionChangedConsumer>(context);
        endpoint.ConfigureConsumer<RouterAnnouncedConsumer>(context);
    });
}

/// <summary>Keeps this worker's copy of the collection.</summary>
public sealed class CollectionChangedConsumer(CollectionWatch collection) : IConsumer<CollectionChanged>
{
    public Task Consume(ConsumeContext<CollectionChanged> context)
    {
        collection.Note(context.Message.State);
        return Task.CompletedTask;
    }
}
