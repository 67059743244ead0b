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

    /// <summary>
    /// A full queue, an absent shard or a full disk passes, and until then there is nothing better to do with the message than to
    /// keep it: at these pauses a broker's patience with unacknowledged messages (30 minutes) comes back often enough.
    /// </summary>
    const int PatienceTries = 1_000;

    static readonly TimeSpan ShortestPause = TimeSpan.FromMilliseconds(200);

    static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);

    /// <summary>
    /// Durable, replicated, retried: ingest, shard writes and directory. `willPass`: failures of the role itself that are no fault
    /// of the message. Any other failure puts the message aside as an error after three more tries.
    /// </summary>
    public static void ForWrites(IReceiveEndpointConfigurator endpoint, Func<Exception, bool>? willPass = null)
    {
        endpoint.ConfigureConsumeTopology = false;
        endpoint.ConcurrentMessageLimit = WritesAtOnce;
        endpoint.PrefetchCount = WritesAtOnce * 2;
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure => WillPass(failure, willPass));
            retry.Exponential(PatienceTries, ShortestPause, LongestPause, ShortestPause);
        });
        endpoint.UseMessageRetry(retry =>
        {
            retry.Handle<Exception>(failure => !WillPass(failure, willPass));
            retry.Intervals(100, 500, 2000);
        });
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.MustNotLose(rabbit);
    }

    /// <summary>Not durable and never retried: the caller's deadline is the policy.</summary>
    public static void ForSearch(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumeTopology = false;
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

    static bool WillPass(Exception failure, Func<Exception, bool>? alsoPasses) =>
        DeliveryProblems.Explain(failure) is not null || alsoPasses?.Invoke(failure) == true;

    static void Temporary(IReceiveEndpointConfigurator endpoint)
    {
        endpoint.PrefetchCount = 128;
        endpoint.DiscardFaultedMessages();
        endpoint.DiscardSkippedMessages();
        if (endpoint is IRabbitMqReceiveEndpointConfigurator rabbit)
            QueueSettings.GoWithProcess(rabbit);
    }
}
