using MassTransit;
using VectorDb.ServiceDefaults.RabbitMq;

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

    /// <summary>Decisions that become one commit; their order is kept by whoever handles them.</summary>
    const int LogAtOnce = 16;

    /// <summary>
    /// A full queue, an absent shard or a full disk passes, and until then there is nothing better to do with the message than to
    /// keep it: at these pauses a broker's patience with unacknowledged messages (30 minutes) comes back often enough.
    /// </summary>
    const int PatienceTries = 1_000;

    static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Durable, replicated, retried: ingest, shard writes and directory. A failure of which `failures` says nothing puts the message
    /// aside as an error after three more tries.
    /// </summary>
    public static void ForWrites(IReceiveEndpointConfigurator endpoint, FailurePolicy? failures = null)
    {
        Handle(endpoint, failures ?? new());
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.MustNotLose(rabbit);
    }

    /// <summary>As for writes, for a queue that only one of several replicas reads: it must get every message, however late.</summary>
    public static void ForReplicaWrites(IReceiveEndpointConfigurator endpoint, FailurePolicy failures)
    {
        Handle(endpoint, failures);
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.MustNotSkip(rabbit);
    }

    static void Handle(IReceiveEndpointConfigurator endpoint, FailurePolicy failures)
    {
        ReadBySender(endpoint);
        PutAside.InTime(endpoint);
        endpoint.UseFilter(new GiveBack());
        endpoint.ConcurrentMessageLimit = WritesAtOnce;
        endpoint.PrefetchCount = WritesAtOnce * 2;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure => WillPass(failure, failures));
            retry.Exponential(PatienceTries, ShortestPause, LongestPause, ShortestPause);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure =>
                !GiveBack.IsFor(failure) && !failures.IsForOthers(failure) && !WillPass(failure, failures));
            retry.Intervals(100, 500, 2000);
        });
    }

    /// <summary>
    /// As for writes, with one consumer at a time although each replica connects one: a home has one decider. The broker picks another
    /// when that one goes.
    /// </summary>
    public static void ForReplicatedDirectory(IReceiveEndpointConfigurator endpoint, FailurePolicy failures)
    {
        ForWrites(endpoint, failures);
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            rabbit.SingleActiveConsumer = true;
    }

    /// <summary>
    /// Durable, each replica its own, in an order that <see cref="DeliveryOrder"/> tells. Retried only while the broker is away.
    /// </summary>
    public static void ForLog(IReceiveEndpointConfigurator endpoint)
    {
        ReadBySender(endpoint);
        PutAside.InTime(endpoint);
        endpoint.UseFilter(new GiveBack());
        endpoint.ConcurrentMessageLimit = LogAtOnce;
        endpoint.PrefetchCount = LogAtOnce * 2;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure => DeliveryProblems.Explain(failure) is not null);
            retry.Exponential(PatienceTries, ShortestPause, LongestPause, ShortestPause);
        });
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.MustNotSkip(rabbit);
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
        ReadBySender(endpoint);
        endpoint.ConcurrentMessageLimit = SearchesAtOnce;
        endpoint.PrefetchCount = SearchesAtOnce;
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.MayLose(rabbit);
    }

    /// <summary>A process's own queue for answers: gone with the process.</summary>
    public static void ForReplies(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        Temporary(endpoint);
    }

    /// <summary>A process's own queue for what is published to everyone: gone with the process.</summary>
    public static void ForEvents(IReceiveEndpointConfigurator endpoint) => Temporary(endpoint);

    /// <summary>
    /// What is sent here comes by the queue's name, and a failure is told only to whoever asked for an answer. MassTransit would
    /// publish it as well: nobody reads that, and a message whose failure cannot be published is neither put aside nor given back.
    /// </summary>
    static void ReadBySender(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.PublishFaults = false;
    }

    static bool WillPass(Exception failure, FailurePolicy failures) =>
        !failures.IsForOthers(failure) && (DeliveryProblems.Explain(failure) is not null || failures.WillPass(failure));

    static void Temporary(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PublishFaults = false;
        endpoint.PrefetchCount = 128;
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.GoWithProcess(rabbit);
    }
}
