using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// The limit: request and reply over the broker with nothing around it. Classic transient queues, one connection each side, no
/// confirms, automatic acknowledgement, bodies as large as one search and one shard's answer in binary. With promises: what ours
/// promise, each message confirmed, refused where no queue takes it, and acknowledged when it was handled.
/// </summary>
public sealed class BareLoop : IAsyncDisposable
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    readonly SemaphoreSlim _publishing = new(1);
    readonly byte[] _body;
    readonly string _queue;
    readonly bool _promises;
    readonly IConnection _connection;
    readonly IChannel _channel;
    string _replies = "";
    long _last;

    BareLoop(IConnection connection, IChannel channel, string queue, bool promises, int bodyBytes)
    {
        (_connection, _channel, _queue, _promises) = (connection, channel, queue, promises);
        _body = new byte[bodyBytes];
    }

    /// <summary>`queue`: whose reader answers, <see cref="BareHop"/>.</summary>
    public static async Task<BareLoop> StartAsync(string queue, bool promises, int bodyBytes)
    {
        var connection = await ConnectAsync();
        var loop = new BareLoop(connection, await ChannelAsync(connection, promises), queue, promises, bodyBytes);
        loop._replies = (await loop._channel.QueueDeclareAsync(durable: false, exclusive: true, autoDelete: true)).QueueName;
        var consumer = new AsyncEventingBasicConsumer(loop._channel);
        consumer.ReceivedAsync += loop.TakeAsync;
        await loop._channel.BasicConsumeAsync(loop._replies, autoAck: !promises, consumer);
        return loop;
    }

    /// <summary>One round trip.</summary>
    public async Task AskAsync()
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        var properties = new BasicProperties { CorrelationId = id, ReplyTo = _replies };
        ValueTask confirmed;
        await _publishing.WaitAsync();
        try
        {
            // Confirmed or not: the next may go before that.
            confirmed = _channel.BasicPublishAsync("", _queue, mandatory: _promises, properties, _body);
        }
        finally
        {
            _publishing.Release();
        }
        await confirmed;
        await waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

    internal static Task<IChannel> ChannelAsync(IConnection connection, bool promises) => connection.CreateChannelAsync(
        promises ? new CreateChannelOptions(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true) : null);

    /// <summary>The broker that the roles use.</summary>
    internal static Task<IConnection> ConnectAsync()
    {
        var settings = new ConfigurationBuilder().AddEnvironmentVariables().Build().GetSection("RabbitMqTransport");
        var factory = new ConnectionFactory
        {
            HostName = settings["Host"] ?? "localhost",
            Port = int.Parse(settings["Port"] ?? "5672", CultureInfo.InvariantCulture),
            VirtualHost = settings["VHost"] ?? "/",
            UserName = settings["User"] ?? "guest",
            Password = settings["Pass"] ?? "guest",
        };
        return factory.CreateConnectionAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
        _publishing.Dispose();
    }

    async Task TakeAsync(object sender, BasicDeliverEventArgs delivery)
    {
        if (_waiting.TryRemove(delivery.BasicProperties.CorrelationId ?? "", out var waiting))
            waiting.TrySetResult();
        if (_promises)
            await _channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
    }
}
