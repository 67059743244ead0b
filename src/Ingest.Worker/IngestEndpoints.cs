using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Consumers;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>
/// The router's queues. In one process the shared ones, where points and searches arrive, open only when every shard has been
/// heard of: a message to a queue that is not there would vanish. Over RabbitMQ such a message comes back, so that a router need
/// not wait for a shard that is down.
/// </summary>
public sealed class IngestEndpoints(BusLink link, ShardsHeard shards, VectorDbOptions options, Readiness readiness) : RoleEndpoints(link)
{
    readonly CancellationTokenSource _stop = new();
    Task _opening = Task.CompletedTask;
    volatile bool _isOpen;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        readiness.AddSource(shards.Lacking);
        readiness.AddSource(() => _isOpen ? [] : ["The router's queues are not open yet."]);
        return base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    protected override void Connect() =>
        Connect($"vectordb.router-{NewId.Next():N}.events", (context, endpoint) =>
        {
            EndpointPolicy.ForEvents(endpoint);
            endpoint.ConfigureConsumer<CollectionChangedConsumer>(context);
            endpoint.ConfigureConsumer<ShardAnnouncedConsumer>(context);
            endpoint.ConfigureConsumer<ShardSketchedConsumer>(context);
        });

    /// <summary>Does not wait for the shards, which may start later.</summary>
    protected override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await base.OpenAsync(cancellationToken);
        _opening = OpenSharedAsync(_stop.Token);
    }

    async Task OpenSharedAsync(CancellationToken cancellationToken)
    {
        if (options.Transport == TransportKind.InMemory)
            await shards.All.WaitAsync(cancellationToken);
        Connect(ShardAddress.IngestName, (context, endpoint) =>
        {
            EndpointPolicy.ForWrites(endpoint);
            endpoint.ConfigureConsumer<StoreVectorConsumer>(context);
            endpoint.ConfigureConsumer<TrainCentroidsConsumer>(context);
        });
        Connect(ShardAddress.RouteSearchName, (context, endpoint) =>
        {
            EndpointPolicy.ForSearch(endpoint);
            endpoint.ConfigureConsumer<SearchRequestConsumer>(context);
            endpoint.ConfigureConsumer<EmbedTextsConsumer>(context);
        });
        await ReadyAsync(cancellationToken);
        _isOpen = true;
    }
}
