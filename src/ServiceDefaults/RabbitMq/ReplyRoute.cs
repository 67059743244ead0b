using MassTransit;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// How answers find a process's own queue on RabbitMQ: through the default exchange, by the queue's name. An exchange of its own
/// would go away with the process, and whoever answers it then has his channel closed by the broker, with everything else that is
/// under way on it. This way an answer to a process that has gone is dropped by the broker, and nothing is declared by who answers.
/// MassTransit's spelling of the default exchange is `amq.rabbitmq.reply-to`, to which we add the queue.
/// </summary>
public static class ReplyRoute
{
    const string Exchange = "amq.rabbitmq.reply-to";
    const string Queue = "queue=";

    /// <summary>The address for answers of a process's own queue; on other transports the address as it is.</summary>
    public static Uri Of(Uri queueAddress)
    {
        if (!IsTemporary(queueAddress))
            return queueAddress;
        var address = queueAddress.GetLeftPart(UriPartial.Path);
        var end = address.LastIndexOf('/') + 1;
        return new($"{address[..end]}{Exchange}?bind=true&{Queue}{address[end..]}");
    }

    /// <summary>The queue that such an address names; null for any other.</summary>
    public static string? QueueOf(Uri? address)
    {
        if (address is null || !address.AbsolutePath.EndsWith(Exchange, StringComparison.Ordinal))
            return null;
        var start = address.Query.IndexOf(Queue, StringComparison.Ordinal);
        return start < 0 ? null : Uri.UnescapeDataString(address.Query[(start + Queue.Length)..].Split('&')[0]);
    }

    /// <summary>Sends what goes to such an address to its queue, and asks for answers to come this way.</summary>
    internal static void Direct(SendContext context)
    {
        if (!context.TryGetPayload<RabbitMqSendContext>(out var rabbit) && context is not RabbitMqSendContext)
            return;
        rabbit ??= (RabbitMqSendContext)context;
        if (QueueOf(context.DestinationAddress) is { } destination)
            rabbit.RoutingKey = destination;
        if (context.ResponseAddress is { } answers && IsTemporary(answers))
            context.ResponseAddress = Of(answers);
        if (QueueOf(context.ResponseAddress) is { } queue)
            rabbit.BasicProperties.ReplyTo = queue;
    }

    static bool IsTemporary(Uri address) => address.Scheme.StartsWith("rabbitmq", StringComparison.Ordinal)
        && address.Query.Contains("autodelete=true", StringComparison.Ordinal);
}
