using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults.RabbitMq;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>
/// The broker that VECTORDB_RABBITMQ names, with none of our queues when a test begins, and a connection to look into it.
/// </summary>
sealed class Broker : IAsyncDisposable
{
    public const int Shards = 2;

    /// <summary>Tests that add shards have at most so many.</summary>
    const int ShardsMax = 4;

    Broker(string address, IConnection connection) => (Address, Connection) = (address, connection);

    public string Address { get; }

    public IConnection Connection { get; }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    /// <summary>The settings `RabbitMqTransport` that lead here.</summary>
    public IEnumerable<(string Name, string Value)> Settings
    {
        get
        {
            var endpoint = new ConnectionFactory { Uri = new(Address) };
            yield return ("Host", endpoint.HostName);
            yield return ("Port", $"{endpoint.Endpoint.Port}");
            yield return ("VHost", endpoint.VirtualHost);
            yield return ("User", endpoint.UserName);
            yield return ("Pass", endpoint.Password);
        }
    }

    public static async Task<Broker> OpenAsync()
    {
        var address = Environment.GetEnvironmentVariable("VECTORDB_RABBITMQ");
        if (string.IsNullOrEmpty(address))
            Assert.Skip("VECTORDB_RABBITMQ names no broker (amqp://user:password@host:5672); test.sh starts one.");
        var broker = new Broker(address!, (await BrokerConnection.OpenAsync(address, Stop)).Connection);
        await broker.ClearAsync();
        return broker;
    }

    public async Task PublishAsync(string queue, ReadOnlyMemory<byte> body, int copies = 1)
    {
        await using var channel = await Connection.CreateChannelAsync(
            new(publisherConfirmationsEnabled: true, publisherConfirmationTrackingEnabled: false), Stop);
        for (var i = 0; i < copies; i++)
            await channel.BasicPublishAsync("", queue, mandatory: false, body, Stop);
    }

    public async Task PurgeAsync(string queue)
    {
        await using var channel = await Connection.CreateChannelAsync(cancellationToken: Stop);
        await channel.QueuePurgeAsync(queue, Stop);
    }

    /// <summary>Null where there is no such queue.</summary>
    public Task<uint?> CountAsync(string queue) => new ErrorQueue(Connection, queue).CountAsync(Stop);

    /// <summary>True when the queue exists with exactly these arguments: the broker refuses to declare it with others.</summary>
    public async Task<bool> HasAsync(string queue, Dictionary<string, object?> arguments)
    {
        if (await CountAsync(queue) is null)
            return false;
        await using var channel = await Connection.CreateChannelAsync(cancellationToken: Stop);
        try
        {
            await channel.QueueDeclareAsync(queue, durable: true, exclusive: false, autoDelete: false, arguments, cancellationToken: Stop);
            return true;
        }
        catch (OperationInterruptedException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await ClearAsync();
        await Connection.DisposeAsync();
    }

    async Task ClearAsync()
    {
        var queues = new List<string> { ShardAddress.IngestName, ShardAddress.RouteSearchName };
        for (var shard = 0; shard < ShardsMax; shard++)
            queues.AddRange([ShardAddress.WriteName(shard), ShardAddress.DirectoryName(shard), ShardAddress.SearchName(shard)]);
        await using var channel = await Connection.CreateChannelAsync(cancellationToken: CancellationToken.None);
        foreach (var queue in queues.Concat(ErrorQueue.NamesFor(queues)))
            await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: CancellationToken.None);
    }
}
