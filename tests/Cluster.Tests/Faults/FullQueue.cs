using RabbitMQ.Client;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>Fills a queue that nobody reads.</summary>
public static class FullQueue
{
    /// <summary>As many as a queue takes (docs/architecture.md), and some that the broker refuses.</summary>
    const int MoreThanAQueueTakes = 20_200;

    /// <summary>Returns when the broker takes no more.</summary>
    public static async Task FillAsync(BrokerAddress broker, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false));
        for (var i = 0; i < MoreThanAQueueTakes; i++)
            await channel.BasicPublishAsync("", queue, mandatory: false, "{}"u8.ToArray());
    }
}
