using MassTransit;
using Microsoft.Extensions.DependencyInjection;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// The bus as roles see it: whether it has started, whether the broker is there now, and where queues are connected. Thread-safe.
/// </summary>
public sealed class BusLink(IServiceProvider services) : IBusObserver
{
    readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _connecting = new();
    volatile string? _absence;
    volatile string? _trouble;

    /// <summary>Completes when the bus runs: queues can be connected. Over RabbitMQ not before the broker is there.</summary>
    public Task Started => _started.Task;

    /// <summary>Why nothing can be sent now, a sentence; null while the broker is there.</summary>
    public string? Absence => _absence;

    /// <summary>What keeps this process from being ready, each a sentence.</summary>
    public IEnumerable<string> Lacking() => (_absence ?? _trouble) is { } reason ? [reason] : [];

    /// <exception cref="ProblemException">503: the broker is away.</exception>
    public void RequireBroker()
    {
        if (_absence is { } absence)
            throw ProblemException.Unavailable(absence + " Nothing of this was taken; try again.");
    }

    public HostReceiveEndpointHandle Connect(string name, Action<IBusRegistrationContext, IReceiveEndpointConfigurator> configure)
    {
        // Only now, because the bus itself is built with this observer.
        var connector = services.GetRequiredService<IReceiveEndpointConnector>();
        // MassTransit notes configured consumers and endpoints in sets that two connecting at once corrupt for good.
        lock (_connecting)
            return connector.ConnectReceiveEndpoint(name, configure);
    }

    public Task PublishAsync(object message, CancellationToken cancellationToken) =>
        services.GetRequiredService<IBus>().Publish(message, message.GetType(), cancellationToken).LeaveBehindAsync(cancellationToken);

    public Task PostStart(IBus bus, Task<BusReady> busReady)
    {
        _started.TrySetResult();
        return Task.CompletedTask;
    }

    public void PostCreate(IBus bus)
    {
    }

    public void CreateFaulted(Exception exception)
    {
    }

    public Task PreStart(IBus bus) => Task.CompletedTask;

    public Task StartFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    public Task PreStop(IBus bus) => Task.CompletedTask;

    public Task PostStop(IBus bus) => Task.CompletedTask;

    public Task StopFaulted(IBus bus, Exception exception) => Task.CompletedTask;

    internal void Note(string? absence, string? trouble) => (_absence, _trouble) = (absence, trouble);
}
