using RabbitMQ.Client;
using RabbitMQ.Client.Events;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// The other sides of bare loops: reads a queue and answers, or passes on to a queue whose reader answers whoever asked first, as a
/// router stands between API and shards.
/// </summary>
public sealed class BareHop : IAsyncDisposable
{
    /// <summary>Answers.</summary>
    public const string Echo = "vectordb.benchmark.bare";

    /// <summary>Passes on to <see cref="Echo"/>.</summary>
    public const string Relay = "vectordb.benchmark.bare-relay";

    /// <summary>After a queue's name: with promises, <see cref="BareLoop"/>.</summary>
    public const string Promising = "-promising";

    /// <summary>Ten hits of 32 bytes and what surrounds them.</summary>
    const int ReplyBytes = 384;

    const ushort Prefetch = 64;

    readonly IConnection _connection;
    readonly List<IChannel> _channels = [];

    BareHop(IConnection connection) => _connection = connection;

    /// <summary>Reads `queue`, with and without promises; `next` is where messages go on to, null to answer them.</summary>
    public static async Task<BareHop> StartAsync(string queue, string? next)
    {
        var hop = new BareHop(await BareLoop.ConnectAsync());
        await hop.ReadAsync(queue, next, promises: false);
        await hop.ReadAsync(queue + Promising, next is null ? null : next + Promising, promises: true);
        return hop;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var channel in _channels)
            await channel.DisposeAsync();
        await _connection.DisposeAsync();
    }

    async Task ReadAsync(string queue, string? next, bool promises)
    {
        var channel = await BareLoop.ChannelAsync(_connection, promises);
        _channels.Add(channel);
        await channel.QueueDeclareAsync(queue, durable: false, exclusive: false, autoDelete: true);
        if (promises)
            await channel.BasicQosAsync(0, Prefetch, global: false);
        var answer = new byte[ReplyBytes];
        var consumer = new AsyncEventingBasicConsumer(channel);
        consumer.ReceivedAsync += (_, delivery) =>
        {
            if (!promises)
                return HandleAsync(channel, delivery, next, next is null ? answer : delivery.Body, promises);
            // As ours, which have several messages at once; a body is the client's once this has returned.
            _ = SayFailureAsync(HandleAsync(channel, delivery, next, next is null ? answer : delivery.Body.ToArray(), promises));
            return Task.CompletedTask;
        };
        await channel.BasicConsumeAsync(queue, autoAck: !promises, consumer);
    }

    static async Task HandleAsync(
        IChannel channel, BasicDeliverEventArgs delivery, string? next, ReadOnlyMemory<byte> body, bool promises)
    {
        var properties = new BasicProperties
        {
            CorrelationId = delivery.BasicProperties.CorrelationId,
            ReplyTo = delivery.BasicProperties.ReplyTo,
        };
        await channel.BasicPublishAsync(
            "", next ?? delivery.BasicProperties.ReplyTo!, mandatory: promises && next is not null, properties, body);
        if (promises)
            await channel.BasicAckAsync(delivery.DeliveryTag, multiple: false);
    }

    /// <summary>The loop that asked only sees that no answer comes.</summary>
    static async Task SayFailureAsync(Task handling)
    {
        try
        {
            await handling;
        }
        catch (Exception e)
        {
            Console.Error.WriteLine("a message was not passed on: " + e.Message);
        }
    }
}
