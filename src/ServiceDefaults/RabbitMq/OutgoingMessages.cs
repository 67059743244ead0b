using System.Runtime.CompilerServices;
using MassTransit;
using MassTransit.Context;
using MassTransit.Middleware;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>
/// What holds for every message that leaves over RabbitMQ: it is an error if no queue takes it (answers and events excepted, whose
/// readers may have gone), a bounded number is under way at a time, a queue that is full is told to the sender at once, and none waits
/// for ever to be confirmed (docs/decisions/0042). Thread-safe.
/// </summary>
public sealed class OutgoingMessages : ISendObserver, IDisposable
{
    /// <summary>
    /// Messages sent but not confirmed. MassTransit sets no bound. A broker on the same machine confirms in 1 to 5 ms, so this is
    /// no brake below 50,000 a second, and with messages of 1 MB at most it bounds the memory.
    /// </summary>
    const int DurableAtOnce = 256;

    /// <summary>Of their own, so that a search does not wait behind a load.</summary>
    const int TransientAtOnce = 1_024;

    /// <summary>
    /// A broker confirms in milliseconds. One that has not by then has lost the message with a connection, or the client has lost the
    /// confirmation, which it then waits for without end.
    /// </summary>
    public TimeSpan ConfirmedWithin { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>
    /// A message to a queue is neither sent nor given up, that long after nobody should have waited for it any more: the client is stuck
    /// and stays so. Events do not count: their senders leave them behind (<see cref="Delivery.LeaveBehindAsync"/>).
    /// </summary>
    public event Action<Uri?>? Stuck;

    readonly SemaphoreSlim _durable = new(DurableAtOnce);
    readonly SemaphoreSlim _transient = new(TransientAtOnce);

    public async Task PreSend<T>(SendContext<T> context)
        where T : class
    {
        ReplyRoute.Direct(context);
        var isAnswer = ReplyRoute.QueueOf(context.DestinationAddress) is not null;
        if (context is MessageSendContext<T> message)
        {
            message.Mandatory = !isAnswer && !message.IsPublish;
            // A queue that goes with its process needs nothing on disk.
            message.Durable &= !isAnswer;
            // What must not be lost does not expire with the patience of its sender: that would put it aside as an error. The queue
            // has a time of its own.
            if (message.Durable)
                message.TimeToLive = null;
        }
        var permits = context.Durable ? _durable : _transient;
        await permits.WaitAsync(context.CancellationToken);
        var isEvent = context is MessageSendContext<T> { IsPublish: true };
        var permit = context.GetOrAddPayload(() => new Permit(permits, ConfirmedWithin, context.CancellationToken)
        {
            NeverEnded = isEvent ? null : () => Stuck?.Invoke(context.DestinationAddress),
        });
        if (context is BasePipeContext pipe)
            TokenOf(pipe) = permit.Token;
    }

    public Task PostSend<T>(SendContext<T> context)
        where T : class
    {
        Release(context);
        return Task.CompletedTask;
    }

    /// <exception cref="UnconfirmedException">The broker has not confirmed the message in time.</exception>
    /// <exception cref="QueueFullException">
    /// The broker refused the message. Thrown from here because MassTransit takes a refusal for a broken connection and would
    /// try for hours.
    /// </exception>
    public Task SendFault<T>(SendContext<T> context, Exception exception)
        where T : class
    {
        var isLate = context.TryGetPayload<Permit>(out var permit) && permit.IsLate;
        Release(context);
        if (isLate && (exception as OperationCanceledException ?? exception.InnerException) is OperationCanceledException)
            throw new UnconfirmedException(context.DestinationAddress!, exception);
        if (exception is RabbitMqConnectionException { InnerException: RabbitMQ.Client.Exceptions.PublishException { IsReturn: false } })
            throw new QueueFullException(context.DestinationAddress!, exception);
        return exception is MessageReturnedException
            ? throw new NoQueueException(context.DestinationAddress!, exception)
            : Task.CompletedTask;
    }

    public void Dispose()
    {
        _durable.Dispose();
        _transient.Dispose();
    }

    static void Release(PipeContext context)
    {
        if (context.TryGetPayload<Permit>(out var permit))
            permit.Release();
    }

    /// <summary>
    /// MassTransit waits for the confirmation as long as this says, and lets nobody set it where a message is sent without a token of the
    /// sender's, as answers and requests are. `OutgoingMessagesTests` fails where the field is another one.
    /// </summary>
    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "<CancellationToken>k__BackingField")]
    static extern ref CancellationToken TokenOf(BasePipeContext context);

    /// <summary>Given back once, however often it is asked for; with the time that the message has to be confirmed.</summary>
    sealed class Permit
    {
        readonly SemaphoreSlim _permits;
        readonly CancellationTokenSource _patience;
        readonly TimeSpan _grace;
        readonly CancellationToken _sender;
        int _isReleased;

        public Permit(SemaphoreSlim permits, TimeSpan patience, CancellationToken sender)
        {
            (_permits, _grace, _sender) = (permits, patience, sender);
            _patience = CancellationTokenSource.CreateLinkedTokenSource(sender);
            Token = _patience.Token;
            Token.UnsafeRegister(static permit => _ = ((Permit)permit!).WatchAsync(), this);
            _patience.CancelAfter(patience);
        }

        /// <summary>Called when the message has not ended although it should have.</summary>
        public Action? NeverEnded { get; init; }

        public CancellationToken Token { get; }

        public bool IsLate => Token.IsCancellationRequested && !_sender.IsCancellationRequested;

        public void Release()
        {
            if (Interlocked.Exchange(ref _isReleased, 1) != 0)
                return;
            _patience.Dispose();
            _permits.Release();
        }

        async Task WatchAsync()
        {
            await Task.Delay(_grace);
            if (Volatile.Read(ref _isReleased) != 0)
                return;
            NeverEnded?.Invoke();
            Release();
        }
    }
}
