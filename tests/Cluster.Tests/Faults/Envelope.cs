using System.Text;
using System.Text.Json;
using RabbitMQ.Client;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>Messages as MassTransit writes them, so that a test can send what no role of ours would.</summary>
public static class Envelope
{
    const string ContentType = "application/vnd.masstransit+json";

    /// <summary>`type`: name of a contract; `message`: its content, right or wrong.</summary>
    public static byte[] Of(string type, object? message) => JsonSerializer.SerializeToUtf8Bytes(new
    {
        messageId = Guid.NewGuid(),
        messageType = new[] { $"urn:message:VectorDb.Contracts:{type}" },
        message,
    });

    public static byte[] Garbage(Random random)
    {
        var bytes = new byte[random.Next(1, 2_000)];
        random.NextBytes(bytes);
        return bytes;
    }

    public static byte[] BrokenJson => Encoding.UTF8.GetBytes("{\"messageId\": \"");

    /// <summary>Into the queue itself, past its exchange.</summary>
    public static ValueTask SendAsync(IChannel channel, string queue, byte[] body) => channel.BasicPublishAsync(
        exchange: "", routingKey: queue, mandatory: true,
        basicProperties: new BasicProperties { ContentType = ContentType, DeliveryMode = DeliveryModes.Persistent },
        body: body);

    /// <summary>A channel on which every send waits until the broker has the message.</summary>
    public static Task<IChannel> OpenAsync(IConnection connection) => connection.CreateChannelAsync(new(
        publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: true));
}
