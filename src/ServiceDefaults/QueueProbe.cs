using MassTransit;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.ServiceDefaults;

/// <summary>Looks at queues beside the bus, which would make those that are not there. Thread-safe.</summary>
public sealed class QueueProbe(IOptions<RabbitMqTransportOptions> options)
{
    static readonly TimeSpan AskAgain = TimeSpan.FromMilliseconds(500);

    /// <summary>A process that holds and is cut off keeps others waiting for two of these.</summary>
    static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Waits until nobody else, in any process, holds this name, and holds it until the answer is disposed of. It is the name of a queue
    /// that belongs to one connection, so that the broker lets go of it when the holder dies.
    /// </summary>
    public async Task<QueueHold> HoldAsync(string name, CancellationToken cancellationToken)
    {
        var broker = options.Value;
        var factory = new ConnectionFactory
        {
            HostName = broker.Host,
            Port = broker.Port > 0 ? broker.Port : AmqpTcpEndpoint.UseDefaultPort,
            VirtualHost = broker.VHost,
            UserName = broker.User,
            Password = broker.Pass,
            Ssl = new SslOption(broker.Host, enabled: broker.UseSsl),
            RequestedHeartbeat = Heartbeat,
            // What was held is not when the connection has been away.
            AutomaticRecoveryEnabled = false,
        };
        var connection = await factory.CreateConnectionAsync(name, cancellationToken);
        try
        {
            while (!await TakeAsync(connection, name, cancellationToken))
                await Task.Delay(AskAgain, cancellationToken);
            return new(connection);
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    static async Task<bool> TakeAsync(IConnection connection, string name, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            await channel.QueueDeclareAsync(name, durable: false, exclusive: true, autoDelete: false, cancellationToken: cancellationToken);
            return true;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.ResourceLocked)
        {
            return false;
        }
    }
}

/// <summary>What the holder of a name may do with queues. Not thread-safe.</summary>
public sealed class QueueHold(IConnection connection) : IAsyncDisposable
{
    /// <summary>How many read from a queue; null where there is no such queue.</summary>
    public async Task<uint?> ReadersAsync(string queue, CancellationToken cancellationToken)
    {
        // A channel each: the broker closes it when the queue is not there.
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        try
        {
            return (await channel.QueueDeclarePassiveAsync(queue, cancellationToken)).ConsumerCount;
        }
        catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
        {
            return null;
        }
    }

    public async Task<bool> ExistsAsync(string queue, CancellationToken cancellationToken) =>
        await ReadersAsync(queue, cancellationToken) is not null;

    /// <summary>Makes a queue that only has to be there. Nothing when it is.</summary>
    public async Task MarkAsync(string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeclareAsync(
            queue, durable: true, exclusive: false, autoDelete: false,
            new Dictionary<string, object?> { ["x-queue-type"] = "classic" }, cancellationToken: cancellationToken);
    }

    /// <summary>Deletes a queue with all that waits in it. Nothing when there is none.</summary>
    public async Task DeleteAsync(string queue, CancellationToken cancellationToken)
    {
        await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
        await channel.QueueDeleteAsync(queue, ifUnused: false, ifEmpty: false, cancellationToken: cancellationToken);
    }

    public ValueTask DisposeAsync() => connection.DisposeAsync();
}
