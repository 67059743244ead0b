using MassTransit;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// What each kind of queue promises. Endpoints are connected at run time, where MassTransit's endpoint callbacks do not reach, so
/// every endpoint is passed through one of these.
/// </summary>
public static class EndpointPolicy
{
    /// <summary>Messages that wait at a shard's writer together become one commit; more would only hold memory.</summary>
    const int WritesAtOnce = 32;

    const int SearchesAtOnce = 64;

    /// <summary>Enough for the next to be there when one is done.</summary>
    const int LogAhead = 16;

    /// <summary>Durable, replicated, retried: ingest, shard writes and directory.</summary>
    public static void ForWrites(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = WritesAtOnce;
        endpoint.PrefetchCount = WritesAtOnce * 2;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Intervals(100, 500, 2000);
            // Cancelled: it goes back to the queue as it is.
            retry.Ignore<OperationCanceledException>();
        });
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            rabbit.SetQuorumQueue();
    }

    /// <summary>
    /// As for writes, with one consumer at a time even where several are connected: a home has one decider. The broker picks another when
    /// that one goes.
    /// </summary>
    public static void ForDirectory(IReceiveEndpointConfigurator endpoint)
    {
        ForWrites(endpoint);
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            rabbit.SingleActiveConsumer = true;
    }

    /// <summary>Durable, one message after another in their order, and given back to the queue rather than retried.</summary>
    public static void ForLog(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = 1;
        endpoint.PrefetchCount = LogAhead;
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            rabbit.SetQuorumQueue();
    }

    /// <summary>The queue also gets what is sent to this exchange, which may be its own.</summary>
    public static void Receiving(IReceiveEndpointConfigurator endpoint, string exchange)
    {
        var isItsOwn = endpoint.InputAddress.AbsolutePath.EndsWith("/" + exchange, StringComparison.Ordinal);
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit && !isItsOwn)
            rabbit.Bind(exchange);
    }

    /// <summary>Not durable and never retried: the caller's deadline is the policy.</summary>
    public static void ForSearch(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = SearchesAtOnce;
        endpoint.PrefetchCount = SearchesAtOnce;
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
    }

    /// <summary>A process's own queue for answers: gone with the process.</summary>
    public static void ForReplies(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        Temporary(endpoint);
    }

    /// <summary>A process's own queue for what is published to everyone: gone with the process.</summary>
    public static void ForEvents(IReceiveEndpointConfigurator endpoint) => Temporary(endpoint);

    static void Temporary(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = 128;
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
        {
            rabbit.Durable = false;
            rabbit.AutoDelete = true;
        }
    }
}
