using DotNet.Testcontainers.Builders;
using Testcontainers.RabbitMq;
using Xunit;

namespace VectorDb.TestKit.Brokers;

/// <summary>
/// Some RabbitMQ, with a virtual host of its own for whoever asks. In this order: the one that VECTORDB_RABBITMQ names
/// (amqp://user:password@host:5672), a container where Docker works, a private node of Debian's rabbitmq-server. Tests that stop
/// or kill the broker take a <see cref="BrokerNode"/> instead.
/// </summary>
public sealed class RabbitMqBroker : IAsyncDisposable
{
    const string Image = "rabbitmq:4-management";

    readonly Func<ValueTask> _end;

    RabbitMqBroker(BrokerAddress address, string kind, Func<ValueTask> end) => (Address, Kind, _end) = (address, kind, end);

    public BrokerAddress Address { get; }

    /// <summary>Where it comes from, for people.</summary>
    public string Kind { get; }

    /// <summary>Where there is none the test is skipped and says what to do; with CI=true it fails.</summary>
    public static async Task<RabbitMqBroker> StartAsync()
    {
        if (Environment.GetEnvironmentVariable("VECTORDB_RABBITMQ") is { Length: > 0 } given)
            return await GivenAsync(BrokerAddress.Parse(given));
        var (container, reason) = await TryContainerAsync();
        if (container is not null)
            return container;
        if (BrokerNode.IsInstalled)
        {
            var node = await BrokerNode.StartNewAsync();
            return new(node.Address, $"a private node, because there is no container: {reason}", node.DisposeAsync);
        }
        var todo = "No RabbitMQ. Name one in VECTORDB_RABBITMQ (amqp://user:password@host:5672), or start Docker, or run "
            + $"\"apt-get install rabbitmq-server\" (test.sh does that as root). Docker: {reason}";
        if (Environment.GetEnvironmentVariable("CI") == "true")
            Assert.Fail(todo);
        Assert.Skip(todo);
        throw new InvalidOperationException(todo);
    }

    public ValueTask DisposeAsync() => _end();

    /// <summary>
    /// A virtual host is made through the management plugin, the only way from afar; where that does not answer, the address's
    /// own is used as it is.
    /// </summary>
    static async Task<RabbitMqBroker> GivenAsync(BrokerAddress given)
    {
        var management = new Management(given);
        var address = given with { VHost = NewVHost() };
        return await management.TryAddAsync(address.VHost)
            ? new(address, "named by VECTORDB_RABBITMQ", () => management.RemoveAsync(address.VHost))
            : new(given, "named by VECTORDB_RABBITMQ, in its own virtual host", () => ValueTask.CompletedTask);
    }

    static async Task<(RabbitMqBroker?, string Reason)> TryContainerAsync()
    {
        var image = Environment.GetEnvironmentVariable("VECTORDB_RABBITMQ_IMAGE") is { Length: > 0 } named ? named : Image;
        RabbitMqContainer? container = null;
        try
        {
            container = new RabbitMqBuilder(image).Build();
            await container.StartAsync();
            var address = BrokerAddress.Parse(container.GetConnectionString()) with { VHost = NewVHost() };
            await container.ExecAsync(["rabbitmqctl", "add_vhost", address.VHost]);
            await container.ExecAsync(
                ["rabbitmqctl", "set_permissions", "--vhost", address.VHost, address.User, ".*", ".*", ".*"]);
            return (new(address, $"a container of {image}", container.DisposeAsync), "");
        }
        catch (DockerUnavailableException)
        {
            return (null, "Docker does not answer");
        }
        // Docker's own client has no exception in common with the rest: a missing image, a registry that is not reached.
        catch (Exception e) when (e is not OperationCanceledException)
        {
            if (container is not null)
                await container.DisposeAsync();
            return (null, e.Message);
        }
    }

    static string NewVHost() => $"vectordb-{Guid.NewGuid():n}";
}
