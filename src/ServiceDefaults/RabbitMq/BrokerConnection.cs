using MassTransit;
using Microsoft.Extensions.Configuration;
using RabbitMQ.Client;
using RabbitMQ.Client.Exceptions;

namespace VectorDb.ServiceDefaults.RabbitMq;

/// <summary>A connection beside the bus, for commands that look into queues.</summary>
public sealed class BrokerConnection : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    BrokerConnection(IConnection connection) => Connection = connection;

    public IConnection Connection { get; }

    /// <summary>
    /// Connects to `address` (amqp://user:password@host:port/vhost), or where that is null to the broker of the settings
    /// `RabbitMqTransport` in the environment.
    /// </summary>
    /// <exception cref="BrokerException">There is no broker there, or it refuses.</exception>
    public static async Task<BrokerConnection> OpenAsync(string? address, CancellationToken cancellationToken)
    {
        var factory = address is null ? FromEnvironment() : new() { Uri = new(address) };
        factory.RequestedConnectionTimeout = Patience;
        factory.ClientProvidedName = "vectordb errors";
        var place = $"{factory.HostName}:{factory.Port}, virtual host {factory.VirtualHost}";
        try
        {
            return new(await factory.CreateConnectionAsync(cancellationToken));
        }
        catch (BrokerUnreachableException e) when (e.InnerException is AuthenticationFailureException)
        {
            throw new BrokerException($"RabbitMQ at {place} refuses the user {factory.UserName} or its password.", e);
        }
        catch (BrokerUnreachableException e) when (e.InnerException is OperationInterruptedException refused)
        {
            throw new BrokerException($"RabbitMQ at {place} refuses: {refused.ShutdownReason?.ReplyText}", e);
        }
        catch (BrokerUnreachableException e)
        {
            throw new BrokerException(
                $"No RabbitMQ answers at {place}. Name it with --broker amqp://user:password@host:5672/vhost, or by "
                + "RabbitMqTransport__Host, __Port, __VHost, __User and __Pass in the environment.", e);
        }
    }

    /// <summary>The error queue of this name, whether it exists or not.</summary>
    public ErrorQueue ErrorQueue(string name) => new(Connection, name);

    public ValueTask DisposeAsync() => Connection.DisposeAsync();

    static ConnectionFactory FromEnvironment()
    {
        var broker = new ConfigurationBuilder().AddEnvironmentVariables().Build()
            .GetSection("RabbitMqTransport").Get<RabbitMqTransportOptions>() ?? new();
        return new()
        {
            HostName = broker.Host,
            Port = broker.Port,
            VirtualHost = broker.VHost,
            UserName = broker.User,
            Password = broker.Pass,
            Ssl = new(broker.Host, enabled: broker.UseSsl),
        };
    }
}
