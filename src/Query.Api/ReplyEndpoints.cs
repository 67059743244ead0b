using MassTransit;
using VectorDb.QueryApi.Consumers;
using VectorDb.ServiceDefaults;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.QueryApi;

/// <summary>This process's own queues: one for answers addressed to it, one for what is published to everyone.</summary>
public sealed class ReplyEndpoints(BusLink link, ReplyAddress address) : RoleEndpoints(link)
{
    HostReceiveEndpointHandle? _replies;

    protected override async Task OpenAsync(CancellationToken cancellationToken)
    {
        await base.OpenAsync(cancellationToken);
        address.Set(ReplyRoute.Of((await _replies!.Ready).InputAddress));
    }

    protected override void Connect()
    {
        var instance = NewId.Next().ToString("N");
        _replies = Connect($"vectordb.query-{instance}.replies", (context, endpoint) =>
        {
            EndpointPolicy.ForReplies(endpoint);
            endpoint.ConfigureConsumer<ShardSearchedConsumer>(context);
            endpoint.ConfigureConsumer<SearchRejectedConsumer>(context);
            endpoint.ConfigureConsumer<PointsStoredConsumer>(context);
            endpoint.ConfigureConsumer<PointsEvictedConsumer>(context);
            endpoint.ConfigureConsumer<PointsDeletedConsumer>(context);
            endpoint.ConfigureConsumer<PointsRejectedConsumer>(context);
        });
        Connect($"vectordb.query-{instance}.events", (context, endpoint) =>
        {
            EndpointPolicy.ForEvents(endpoint);
            endpoint.ConfigureConsumer<CollectionChangedConsumer>(context);
            endpoint.ConfigureConsumer<ShardAnnouncedConsumer>(context);
            endpoint.ConfigureConsumer<RouterAnnouncedConsumer>(context);
        });
    }
}

/// <summary>Where answers for this process go. Known once its reply queue exists.</summary>
public sealed class ReplyAddress(TimeProvider clock)
{
    Uri? _address;

    /// <exception cref="ProblemException">503 while the reply queue does not exist yet.</exception>
    public Uri Value => _address ?? throw ProblemException.Unavailable("The server is starting; try again in a moment.");

    /// <summary>Before this moment this process accepted nothing.</summary>
    public DateTimeOffset Since { get; private set; } = DateTimeOffset.MaxValue;

    internal void Set(Uri address)
    {
        Since = clock.GetUtcNow();
        _address = address;
    }
}
