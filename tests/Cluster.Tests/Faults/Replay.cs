using RabbitMQ.Client;
using RabbitMQ.Client.Events;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>
/// Taps the exchanges of the durable queues and delivers some of what it hears again: at once, later, more than once, in any
/// order. At least once, in no order is all that a broker promises; this is that promise at its worst.
/// </summary>
public sealed class Replay(BrokerAddress broker, int seed) : IAsyncDisposable
{
    /// <summary>One message of so many is kept.</summary>
    const int KeepOneOf = 4;

    const int KeptMax = 500;

    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(500);

    readonly Random _random = new(seed);
    readonly Lock _lock = new();
    readonly List<Kept> _kept = [];
    readonly CancellationTokenSource _stop = new();
    Task _run = Task.CompletedTask;
    int _count;

    sealed record Kept(string Queue, BasicProperties Properties, byte[] Body);

    /// <summary>Deliveries that the roles would not have had without this.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Start() => _run = RunAsync();

    /// <summary>Taps no more, delivers everything that was kept once more, shuffled, and returns.</summary>
    public async Task FinishAsync()
    {
        await _stop.CancelAsync();
        await _run;
        await using var connection = await ConnectAsync();
        await using var channel = await Envelope.OpenAsync(connection);
        var left = _kept.ToArray();
        _random.Shuffle(left);
        foreach (var message in left)
            await SendAsync(channel, message);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _run;
        _stop.Dispose();
    }

    async Task RunAsync()
    {
        while (!_stop.IsCancellationRequested)
            try
            {
                await TapAsync();
            }
            catch (Exception e) when (e is BrokerUnreachableException or OperationInterruptedException or IOException)
            {
                // The broker is being disturbed: what was kept stays.
                await Task.Delay(RetryAfter, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
            catch (OperationCanceledException)
            {
                // Stopped.
            }
    }

    async Task TapAsync()
    {
        await using var connection = await ConnectAsync();
        await using var channel = await connection.CreateChannelAsync();
        await using var publishing = await connection.CreateChannelAsync();
        var tap = (await channel.QueueDeclareAsync()).QueueName;
        foreach (var queue in Queues.Durable)
            await channel.QueueBindAsync(tap, exchange: queue, routingKey: "");
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) =>
        {
            foreach (var message in Choose(delivery))
                await SendAsync(publishing, message);
        };
        await channel.BasicConsumeAsync(tap, autoAck: true, consumer);
        var closed = new TaskCompletionSource();
        connection.ConnectionShutdownAsync += (_, _) =>
        {
            closed.TrySetResult();
            return Task.CompletedTask;
        };
        await closed.Task.WaitAsync(_stop.Token);
    }

    /// <summary>What to deliver now: often nothing, sometimes this message or one from long ago, or both, or one of them twice.</summary>
    List<Kept> Choose(BasicDeliverEventArgs delivery)
    {
        lock (_lock)
        {
            if (_random.Next(KeepOneOf) != 0)
                return [];
            var message = new Kept(delivery.Exchange, new BasicProperties(delivery.BasicProperties), delivery.Body.ToArray());
            if (_kept.Count < KeptMax)
                _kept.Add(message);
            else
                _kept[_random.Next(KeptMax)] = message;
            var old = _kept[_random.Next(_kept.Count)];
            return _random.Next(4) switch
            {
                0 => [message],
                1 => [old],
                2 => [old, message, message],
                _ => [],
            };
        }
    }

    async Task SendAsync(IChannel channel, Kept message)
    {
        await channel.BasicPublishAsync(
            exchange: "", routingKey: message.Queue, mandatory: false, basicProperties: message.Properties, body: message.Body);
        Interlocked.Increment(ref _count);
    }

    Task<IConnection> ConnectAsync() =>
        new ConnectionFactory { Uri = broker.Uri, AutomaticRecoveryEnabled = false }.CreateConnectionAsync();
}
