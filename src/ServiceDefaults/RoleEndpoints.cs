using MassTransit;
using Microsoft.Extensions.Hosting;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// The queues that one role listens to, connected after the bus has started and closed before it stops. Connecting at run time
/// works on every transport and under MassTransit's test harness.
/// </summary>
public abstract class RoleEndpoints(IReceiveEndpointConnector connector) : IHostedService
{
    readonly List<HostReceiveEndpointHandle> _handles = [];

    public virtual async Task StartAsync(CancellationToken cancellationToken)
    {
        Connect();
        await ReadyAsync(cancellationToken);
    }

    /// <summary>
    /// Takes nothing more and finishes what is under way, as long as the host waits. What takes longer is not acknowledged, so
    /// that the broker gives it to somebody else: that is no failure of the stop.
    /// </summary>
    public virtual async Task StopAsync(CancellationToken cancellationToken)
    {
        try
        {
            await Task.WhenAll(_handles.Select(handle => handle.StopAsync(cancellationToken)));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // See above.
        }
    }

    /// <summary>Connects the role's endpoints, each through the overload with a name.</summary>
    protected abstract void Connect();

    /// <summary>Connects one endpoint. Returns its handle, whose address is known once it is ready.</summary>
    protected HostReceiveEndpointHandle Connect(
        string name, Action<IBusRegistrationContext, IReceiveEndpointConfigurator> configure)
    {
        var handle = connector.ConnectReceiveEndpoint(name, configure);
        _handles.Add(handle);
        return handle;
    }

    /// <summary>Waits until every endpoint connected so far receives.</summary>
    protected Task ReadyAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(_handles.Select(handle => handle.Ready)).WaitAsync(cancellationToken);
}
