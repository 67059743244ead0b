using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.RabbitMqTransport;
using RabbitMQ.Client;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// How far a queue's messages have been applied when many are under way at once: the broker numbers what it delivers over one channel,
/// so everything before a message is done when all lower numbers are. Thread-safe.
/// </summary>
/// <remarks>
/// Channels are told apart by themselves. The consumer's tag, which comes with every message, stays the same when a lost channel
/// is replaced, and is missing when a message is handled before MassTransit has noted the tag.
/// </remarks>
public sealed class DeliveryOrder : IFilter<ReceiveContext>
{
    readonly Lock _lock = new();
    readonly SortedSet<ulong> _ahead = [];
    readonly List<(ulong Number, TaskCompletionSource Reached)> _waiting = [];
    readonly ConditionalWeakTable<IChannel, object> _seen = [];
    IChannel? _channel;
    ulong _reached;

    /// <summary>The message has had its effect, although its handling goes on. Repeated: nothing.</summary>
    public void Applied(ReceiveContext context)
    {
        if (Find(context) is not ({ } channel, var number))
            return;
        lock (_lock)
        {
            if (!Enter(channel) || number <= _reached)
                return;
            _ahead.Add(number);
            while (_ahead.Remove(_reached + 1))
                _reached++;
            foreach (var waiting in _waiting.Where(waiting => waiting.Number <= _reached))
                waiting.Reached.TrySetResult();
            _waiting.RemoveAll(waiting => waiting.Number <= _reached);
        }
    }

    /// <summary>Completes when every message delivered before this one has been applied; cancelled when the channel is replaced.</summary>
    public Task Before(ReceiveContext context)
    {
        if (Find(context) is not ({ } channel, var number))
            return Task.CompletedTask;
        lock (_lock)
        {
            if (!Enter(channel))
                return Task.FromCanceled(new CancellationToken(canceled: true));
            if (number - 1 <= _reached)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((number - 1, reached));
            return reached.Task;
        }
    }

    public async Task Send(ReceiveContext context, IPipe<ReceiveContext> next)
    {
        // Cancelled, it goes back to the queue and has had no effect; whatever else became of it is final.
        await next.Send(context);
        Applied(context);
    }

    public void Probe(ProbeContext context) => context.CreateFilterScope("delivery-order");

    /// <summary>None where the transport is another.</summary>
    static (IChannel? Channel, ulong Number) Find(ReceiveContext context) =>
        context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery) && context.TryGetPayload(out ChannelContext? channel)
            ? (channel!.Channel, delivery!.DeliveryTag)
            : default;

    /// <summary>
    /// A new consumer has a new channel, whose numbers begin again; what it had not confirmed comes again over the new one. Returns whether
    /// the numbers of this channel count.
    /// </summary>
    bool Enter(IChannel channel)
    {
        if (ReferenceEquals(channel, _channel))
            return true;
        // A message that was held until now may come from a channel that closed meanwhile, after those of the next one.
        if (channel.IsClosed || !_seen.TryAdd(channel, channel))
            return false;
        (_channel, _reached) = (channel, 0);
        _ahead.Clear();
        foreach (var waiting in _waiting)
            waiting.Reached.TrySetCanceled();
        _waiting.Clear();
        return true;
    }
}
