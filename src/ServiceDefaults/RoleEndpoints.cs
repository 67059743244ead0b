using MassTransit;
using Microsoft.Extensions.Hosting;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// The queues that one role listens to, connected after the bus has started and closed before it stops. Connecting at run time
/// works on every transport and under MassTransit's test harness. A process does not wait for its broker to start: it is up, says
/// what it waits for, and opens its queues when it can.
/// </summary>
public abstract class RoleEndpoints(BusLink link) : IHostedService
{
    readonly List<HostReceiveEndpointHandle> _handles = [];
    readonly CancellationTokenSource _stop = new();
    Task _opening = Task.CompletedTask;

    /// <summary>Completes when queues can be connected.</summary>
    protected Task BusStarted => link.Started;

    /// <summary>The broker is there now.</summary>
    protected bool HasBroker => link.Absence is null;

    public virtual Task StartAsync(CancellationToken cancellationToken)
    {
        // Where the bus runs already (in one process), starting returns when the queues are open.
        var isAtOnce = link.Started.IsCompleted;
        _opening = WhenStartedAsync(_stop.Token);
        return isAtOnce ? _opening.WaitAsync(cancellationToken) : Task.CompletedTask;
    }

    public virtual async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await Task.WhenAll(Handles.Select(handle => handle.StopAsync(cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // What takes longer than the host waits is not acknowledged, so the broker gives it to somebody else.
        }
    }

    /// <summary>Connects the role's endpoints, each through the overload with a name.</summary>
    protected abstract void Connect();

    /// <summary>Opens the queues: by default all of them at once.</summary>
    protected virtual async Task OpenAsync(CancellationToken cancellationToken)
    {
        Connect();
        await ReadyAsync(cancellationToken);
    }

    /// <summary>Connects one endpoint. Returns its handle, whose address is known once it is ready.</summary>
    protected HostReceiveEndpointHandle Connect(
        string name, Action<IBusRegistrationContext, IReceiveEndpointConfigurator> configure)
    {
        var handle = link.Connect(name, configure);
        lock (_handles)
            _handles.Add(handle);
        return handle;
    }

    /// <summary>Closes one endpoint for good: its name can be connected again.</summary>
    protected Task DisconnectAsync(HostReceiveEndpointHandle handle, CancellationToken cancellationToken)
    {
        lock (_handles)
            _handles.Remove(handle);
        return handle.StopAsync(cancellationToken);
    }

    HostReceiveEndpointHandle[] Handles
    {
        get
        {
            lock (_handles)
                return [.. _handles];
        }
    }

    /// <summary>Waits until every endpoint connected so far receives.</summary>
    protected Task ReadyAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Handles.Select(handle => handle.Ready)).WaitAsync(cancellationToken);

    async Task WhenStartedAsync(CancellationToken cancellationToken)
    {
        await link.Started.WaitAsync(cancellationToken);
        await OpenAsync(cancellationToken);
    }
}
