using System.Globalization;
using System.Runtime.CompilerServices;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// What was put aside from one queue. Messages are taken one after another and given back unless they are replayed or dropped; a
/// message is acknowledged only after its copy has been confirmed, so that nothing is lost by being interrupted. Not thread-safe.
/// </summary>
public sealed class ErrorQueue(IConnection connection, string name)
{
    static readonly string[] Suffixes = ["_error", "_skipped"];

    public string Name { get; } = name;

    /// <summary>The queue that the messages come from.</summary>
    public string Origin { get; } = Suffixes.Aggregate(name, (rest, suffix) =>
        rest.EndsWith(suffix, StringComparison.Ordinal) ? rest[..^suffix.Length] : rest);

    /// <summary>The names under which messages of these queues are put aside.</summary>
    public static IEnumerable<string> NamesFor(IEnumerable<string> queues) =>
        queues.SelectMany(queue => Suffixes.Select(suffix => queue + suffix));

    /// <summary>How many messages wait; null where there is no such queue.</summary>
    public async Task<uint?> CountAsync(CancellationToken cancellationToken)
    {
        // A channel of its own: the broker closes it when the queue is not there.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(Name, cancellationToken)).MessageCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    /// <summary>The oldest messages, at most `limit`. They stay where they are.</summary>
    public async Task<IReadOnlyList<FailedMessage>> ListAsync(int limit, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var messages = new List<FailedMessage>();
        await foreach (var taken in TakeAsync(channel, cancellationToken).Take(limit))
            messages.Add(taken.Message);
        return messages;
    }

    /// <summary>Deletes the messages that are meant. Returns how many.</summary>
    public async Task<int> DropAsync(Func<FailedMessage, bool> isMeant, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        var dropped = 0;
        await foreach (var (got, message) in TakeAsync(channel, cancellationToken))
            if (isMeant(message))
            {
                await channel.BasicAckAsync(got.DeliveryTag, multiple: false, cancellationToken);
                dropped++;
            }
        return dropped;
    }

    /// <summary>
    /// Sends the messages that are meant to their queue again. One that is too old to be handled safely stays, and is counted apart.
    /// </summary>
    /// <exception cref="BrokerException">
    /// The queue is full or gone; what was replayed before stays replayed, the rest stays here.
    /// </exception>
    public async Task<Replayed> ReplayAsync(Func<FailedMessage, bool> isMeant, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true), cancellationToken);
        var replayed = new Replayed(0, 0);
        await foreach (var (got, message) in TakeAsync(channel, cancellationToken))
        {
            if (!isMeant(message))
                continue;
            if (TimeLeft(message) is not { Ticks: > 0 } left)
            {
                replayed = replayed with { TooOld = replayed.TooOld + 1 };
                continue;
            }
            await SendAsync(channel, got, left, cancellationToken);
            await channel.BasicAckAsync(got.DeliveryTag, multiple: false, cancellationToken);
            replayed = replayed with { Count = replayed.Count + 1 };
        }
        return replayed;
    }

    /// <summary>As many as wait now: what is put aside meanwhile is for the next time. Closing the channel gives back the rest.</summary>
    async IAsyncEnumerable<(BasicGetResult Got, FailedMessage Message)> TakeAsync(
        IChannel channel, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        for (var left = await CountAsync(cancellationToken) ?? 0; left > 0; left--)
        {
            if (await channel.BasicGetAsync(Name, autoAck: false, cancellationToken) is not { } got)
                yield break;
            yield return (got, FailedMessage.Read(got.BasicProperties, got.Body));
        }
    }

    /// <summary>Unknown when it was sent: then it is as if it had been sent just now.</summary>
    static TimeSpan TimeLeft(FailedMessage message) =>
        QueueSettings.ReplayAgeMax - (message.SentAt is { } sent ? DateTimeOffset.UtcNow - sent : TimeSpan.Zero);

    async Task SendAsync(IChannel channel, BasicGetResult got, TimeSpan timeLeft, CancellationToken cancellationToken)
    {
        var properties = new BasicProperties(got.BasicProperties)
        {
            Persistent = true,
            Expiration = timeLeft.TotalMilliseconds.ToString("0", CultureInfo.InvariantCulture),
            Headers = WithoutFailure(got.BasicProperties.Headers),
        };
        try
        {
            await channel.BasicPublishAsync(
                exchange: "", routingKey: Origin, mandatory: true, properties, got.Body, cancellationToken);
        }
        catch (PublishException e)
        {
            throw new BrokerException(e.IsReturn
                ? $"There is no queue {Origin}: start the worker that owns it, then replay."
                : $"The queue {Origin} is full: replay when its readers have caught up.", e);
        }
    }

    /// <summary>What says how it failed is left out, so that it can fail again and say so.</summary>
    static Dictionary<string, object?> WithoutFailure(IDictionary<string, object?>? headers) =>
        (headers ?? new Dictionary<string, object?>()).Where(header => !header.Key.StartsWith("MT-Fault-", StringComparison.Ordinal)
            && !header.Key.StartsWith("x-", StringComparison.Ordinal) && header.Key != "MT-Reason")
        .ToDictionary();
}

/// <summary>What a replay did.</summary>
/// <param name="Count">Messages that are back in their queue.</param>
/// <param name="TooOld">Messages left where they are, because homes may have forgotten their claims.</param>
public sealed record Replayed(int Count, int TooOld);
