using MassTransit;
using Microsoft.Extensions.Options;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// Tells whether a queue exists, without making it: a replica whose queue is new has missed whatever was sent before. Thread-safe.
/// </summary>
public sealed class QueueProbe(IOptions<RabbitMqTransportOptions> options)
{
    /// <summary>Whether all of these exist.</summary>
    public async Task<bool> ExistAsync(IEnumerable<string> queues, CancellationToken cancellationToken)
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
        };
        await using var connection = await factory.CreateConnectionAsync("vectordb queue probe", cancellationToken);
        foreach (var queue in queues)
        {
            // A channel each: the broker closes it when the queue is not there.
            await using var channel = await connection.CreateChannelAsync(cancellationToken: cancellationToken);
            try
            {
                await channel.QueueDeclarePassiveAsync(queue, cancellationToken);
            }
            catch (OperationInterruptedException e) when (e.ShutdownReason?.ReplyCode == Constants.NotFound)
            {
                return false;
            }
        }
        return true;
    }
}
