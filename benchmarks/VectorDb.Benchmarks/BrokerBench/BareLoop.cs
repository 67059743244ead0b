using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// The limit: request and reply over the broker with nothing around it. Classic transient queues, one connection each side, no
/// confirms, automatic acknowledgement, bodies as large as one search and one shard's answer in binary.
/// </summary>
public sealed class BareLoop : IAsyncDisposable
{
    internal const string RequestQueue = "vectordb.benchmark.bare";

    readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();
    readonly SemaphoreSlim _publishing = new(1);
    readonly byte[] _body;
    readonly IConnection _connection;
    readonly IChannel _channel;
    string _replies = "";
    long _last;

    BareLoop(IConnection connection, IChannel channel, int bodyBytes) =>
        (_connection, _channel, _body) = (connection, channel, new byte[bodyBytes]);

    public static async Task<BareLoop> StartAsync(int bodyBytes)
    {
        var connection = await ConnectAsync();
        var loop = new BareLoop(connection, await connection.CreateChannelAsync(), bodyBytes);
        loop._replies = (await loop._channel.QueueDeclareAsync(durable: false, exclusive: true, autoDelete: true)).QueueName;
        var consumer = new AsyncEventingBasicConsumer(loop._channel);
        consumer.ReceivedAsync += loop.TakeAsync;
        await loop._channel.BasicConsumeAsync(loop._replies, autoAck: true, consumer);
        return loop;
    }

    /// <summary>One round trip.</summary>
    public async Task AskAsync()
    {
        var id = Interlocked.Increment(ref _last).ToString(CultureInfo.InvariantCulture);
        var waiting = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _waiting[id] = waiting;
        var properties = new BasicProperties { CorrelationId = id, ReplyTo = _replies };
        await _publishing.WaitAsync();
        try
        {
            await _channel.BasicPublishAsync("", RequestQueue, mandatory: false, properties, _body);
        }
        finally
        {
            _publishing.Release();
        }
        await waiting.Task.WaitAsync(TimeSpan.FromSeconds(30));
    }

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

    Task TakeAsync(object sender, BasicDeliverEventArgs delivery)
    {
        if (_waiting.TryRemove(delivery.BasicProperties.CorrelationId ?? "", out var waiting))
            waiting.TrySetResult();
        return Task.CompletedTask;
    }
}

/// <summary>The other side of the bare loop.</summary>
public sealed class BareEcho : IAsyncDisposable
{
    /// <summary>Ten hits of 32 bytes and what surrounds them.</summary>
    const int ReplyBytes = 384;

    readonly IConnection _connection;
    readonly IChannel _channel;

    BareEcho(IConnection connection, IChannel channel) => (_connection, _channel) = (connection, channel);

    public static async Task<BareEcho> StartAsync()
    {
        var connection = await BareLoop.ConnectAsync();
        var channel = await connection.CreateChannelAsync();
        await channel.QueueDeclareAsync(BareLoop.RequestQueue, durable: false, exclusive: false, autoDelete: true);
        var reply = new byte[ReplyBytes];
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += async (_, delivery) => await channel.BasicPublishAsync(
            "", delivery.BasicProperties.ReplyTo!, mandatory: false,
            new BasicProperties { CorrelationId = delivery.BasicProperties.CorrelationId }, reply);
        await channel.BasicConsumeAsync(BareLoop.RequestQueue, autoAck: true, consumer);
        return new(connection, channel);
    }

    public async ValueTask DisposeAsync()
    {
        await _channel.DisposeAsync();
        await _connection.DisposeAsync();
    }
}
