using MassTransit;

namespace VectorDb.ServiceDefaults;

/// <summary>Sending for somebody who waits.</summary>
public static class Delivery
{
    /// <summary>A broker confirms in milliseconds; one that has not by now is away or overloaded.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Longer than <see cref="RabbitMq.OutgoingMessages.ConfirmedWithin"/>, which ends nearly all.</summary>
    static readonly TimeSpan EventPatience = TimeSpan.FromSeconds(35);

    static readonly Uri Events = new("exchange:events");

    /// <summary>For requests that are worth nothing once their sender has stopped waiting: not on disk, and expiring with it.</summary>
    public static void Transient<T>(IRequestPipeConfigurator<T> request)
        where T : class => request.UseExecute(context => context.Durable = false);

    /// <summary>
    /// Passes a question on: whoever gets it answers the first sender, and its deadline stays. Not on disk, as <see cref="Transient"/>.
    /// </summary>
    /// <exception cref="UndeliveredException">Nobody takes it.</exception>
    public static async Task PassOnAsync<T>(this ConsumeContext context, Uri address, T question)
        where T : class
    {
        var endpoint = await context.GetSendEndpoint(address);
        await endpoint.Send(
            question,
            send =>
            {
                send.RequestId = context.RequestId;
                send.ResponseAddress = context.ResponseAddress;
                send.Durable = false;
                if (context.ExpirationTime - DateTime.UtcNow is { Ticks: > 0 } left)
                    send.TimeToLive = left;
            },
            context.CancellationToken);
    }

    /// <summary>
    /// Waits for an event to be published, but not for ever: the client may never end it (docs/decisions/0042), and then nobody needs it.
    /// </summary>
    /// <exception cref="UnconfirmedException">Nobody knows whether it was published.</exception>
    public static async Task LeaveBehindAsync(this Task publishing, CancellationToken cancellationToken)
    {
        try
        {
            await publishing.WaitAsync(EventPatience, cancellationToken);
        }
        catch (TimeoutException late)
        {
            throw new UnconfirmedException(Events, late);
        }
    }

    /// <summary>Runs `send`, which ends when the transport has taken the message.</summary>
    /// <exception cref="ProblemException">503: not confirmed in time, so that it is not known whether it was taken.</exception>
    public static async Task InTimeAsync(Func<CancellationToken, Task> send, CancellationToken cancellationToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        try
        {
            await send(patience.Token);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw ProblemException.Unavailable($"The broker has not confirmed this within {Patience.TotalSeconds:0} s; it may still "
                + "happen. Sending it again is safe: an id is stored once.");
        }
    }
}
