using MassTransit;
using MassTransit.RabbitMqTransport.Configuration;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// The arguments of our queues (docs/decisions/0040). Everything on which RabbitMQ 3.10 and 4.x have different defaults is set, so
/// that both behave alike. A queue that exists with other arguments is refused by the broker: changing these means deleting queues.
/// </summary>
public static class QueueSettings
{
    /// <summary>
    /// How long a message that must not be lost waits before it is put aside as an error. A row may be claimed after this long in
    /// one queue and then wait this long in another; with <see cref="ReplayAgeMax"/> in between the sum stays below the seven days
    /// for which homes remember claims and tombstones (docs/decisions/0008).
    /// </summary>
    public static readonly TimeSpan MessageTtl = TimeSpan.FromDays(2);

    /// <summary>Age at which a message put aside must have been handled again at the latest, counted from when it was sent.</summary>
    public static readonly TimeSpan ReplayAgeMax = TimeSpan.FromDays(4.5);

    /// <summary>A queue that nobody has listened to for so long goes away.</summary>
    static readonly TimeSpan SearchQueueExpiry = TimeSpan.FromMinutes(10);

    static readonly TimeSpan TemporaryQueueExpiry = TimeSpan.FromMinutes(1);

    /// <summary>Longer than any caller waits. Each message says itself when its caller is gone; this is for those that do not.</summary>
    static readonly TimeSpan SearchTtl = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Deliveries without an acknowledgement (a crash, a lost connection) before a message counts as poison: RabbitMQ 4's default;
    /// 3.10 has none and would deliver a message that kills its consumer for ever.
    /// </summary>
    const int DeliveryLimit = 20;

    /// <summary>
    /// Reading an error queue gives every message back, which counts as a delivery: no number of readings may lose one.
    /// </summary>
    const int ReadingsMax = int.MaxValue;

    /// <summary>
    /// About as many as four shards commit in a few minutes; beyond, the sender is told to wait. The bytes bound the broker's disk:
    /// a message of 64 points of 384 floats has 140 KB, one of long texts up to 1 MB.
    /// </summary>
    const int WaitingMax = 20_000;

    const long WaitingBytesMax = 1L << 30;

    /// <summary>Sixteen times what a shard takes at once, with 64 searches a message; beyond, the deadline would pass anyway.</summary>
    const int SearchesWaitingMax = 1_024;

    /// <summary>Answers and events of one process: more means that it has stopped reading.</summary>
    const int TemporaryWaitingMax = 50_000;

    /// <summary>Replicated, bounded, refusing rather than dropping; what expires or kills its consumer goes to the error queue.</summary>
    public static void MustNotLose(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        var errors = NameOf(endpoint) + "_error";
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", DeliveryLimit);
        endpoint.SetQueueArgument("x-message-ttl", MessageTtl);
        endpoint.SetQueueArgument("x-max-length", WaitingMax);
        endpoint.SetQueueArgument("x-max-length-bytes", WaitingBytesMax);
        endpoint.SetQueueArgument("x-overflow", "reject-publish");
        endpoint.SetQueueArgument("x-dead-letter-strategy", "at-least-once");
        endpoint.BindDeadLetterQueue(errors, errors, Errors);
    }

    /// <summary>
    /// A replica's own: as <see cref="MustNotLose"/>, but nothing is ever put aside by the broker, because a replica without it would
    /// be different from the others and not know it. A replica that begins anew gives everything back, so deliveries say nothing.
    /// </summary>
    public static void MustNotSkip(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        endpoint.SetQuorumQueue();
        endpoint.SetQueueArgument("x-delivery-limit", ReadingsMax);
        endpoint.SetQueueArgument("x-max-length", WaitingMax);
        endpoint.SetQueueArgument("x-max-length-bytes", WaitingBytesMax);
        endpoint.SetQueueArgument("x-overflow", "reject-publish");
    }

    /// <summary>Searches: the queue stays while its consumers do, the messages are in memory only.</summary>
    public static void MayLose(IRabbitMqReceiveEndpointConfigurator endpoint)
    {
        Classic(endpoint, SearchesWaitingMax);
        endpoint.QueueExpiration = SearchQueueExpiry;
        endpoint.SetQueueArgument("x-message-ttl", SearchTtl);
    }

    /// <summary>
    /// A process's own: gone with it. Durable only because RabbitMQ 4 does away with queues that are neither durable nor exclusive;
    /// what is sent here is in memory only.
    /// </summary>
    public static void GoWithProcess(IRabbitMqQueueEndpointConfigurator queue)
    {
        Classic(queue, TemporaryWaitingMax);
        queue.Durable = true;
        queue.AutoDelete = true;
        queue.QueueExpiration = TemporaryQueueExpiry;
    }

    /// <summary>
    /// `…_error` and `…_skipped`: replicated and unbounded, for a person to look at. MassTransit starts from the arguments of the
    /// queue that the messages come from.
    /// </summary>
    public static void Errors(IRabbitMqQueueConfigurator queue)
    {
        foreach (var name in (string[])["x-message-ttl", "x-max-length", "x-max-length-bytes", "x-overflow", "x-expires",
            "x-dead-letter-exchange", "x-dead-letter-strategy", "x-single-active-consumer"])
            queue.SetQueueArgument(name, null!);
        queue.SetQuorumQueue();
        queue.SetQueueArgument("x-delivery-limit", ReadingsMax);
    }

    static void Classic(IRabbitMqQueueConfigurator queue, int waitingMax)
    {
        queue.SetQueueArgument("x-queue-type", "classic");
        queue.SetQueueArgument("x-max-length", waitingMax);
        queue.SetQueueArgument("x-overflow", "reject-publish");
    }

    static string NameOf(IRabbitMqReceiveEndpointConfigurator endpoint) =>
        ((RabbitMqReceiveEndpointConfiguration)endpoint).Settings.QueueName;
}
