using MassTransit;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// How far a queue's messages have been applied when many are under way at once: the broker numbers what it delivers over one channel,
/// so everything before a message is done when all lower numbers are. Thread-safe.
/// </summary>
public sealed class DeliveryOrder : IFilter<ReceiveContext>
{
    readonly Lock _lock = new();
    readonly SortedSet<ulong> _ahead = [];
    readonly List<(ulong Number, TaskCompletionSource Reached)> _waiting = [];
    readonly HashSet<string> _past = [];
    string? _channel;
    ulong _reached;

    /// <summary>The message has had its effect, although its handling goes on. Repeated: nothing.</summary>
    public void Applied(ReceiveContext context)
    {
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
            return;
        lock (_lock)
        {
            Enter(delivery!.ConsumerTag);
            if (delivery.DeliveryTag <= _reached || delivery.ConsumerTag != _channel)
                return;
            _ahead.Add(delivery.DeliveryTag);
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
        if (!context.TryGetPayload(out RabbitMqBasicConsumeContext? delivery))
            return Task.CompletedTask;
        lock (_lock)
        {
            Enter(delivery!.ConsumerTag);
            if (delivery.ConsumerTag != _channel)
                return Task.FromCanceled(new CancellationToken(canceled: true));
            if (delivery.DeliveryTag - 1 <= _reached)
                return Task.CompletedTask;
            var reached = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _waiting.Add((delivery.DeliveryTag - 1, reached));
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

    /// <summary>
    /// A new consumer has a new channel, whose numbers begin again; what it had not confirmed comes again over the new one.
    /// </summary>
    void Enter(string channel)
    {
        if (channel == _channel || _past.Contains(channel))
            return;
        if (_channel is not null)
            _past.Add(_channel);
        (_channel, _reached) = (channel, 0);
        _ahead.Clear();
        foreach (var waiting in _waiting)
            waiting.Reached.TrySetCanceled();
        _waiting.Clear();
    }
}
