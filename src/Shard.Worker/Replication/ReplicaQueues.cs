using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Consumers;

namespace VectorDb.ShardWorker.Replication;

/// <summary>The queues of one life of a replica: its own from the beginning, the shared ones when it may answer.</summary>
public sealed class ReplicaQueues(BusLink link, ReplicaLife life, int shard, int replica)
{
    /// <summary><see cref="ReplicaGate"/> ends the life, and the next one gets the message.</summary>
    static readonly FailurePolicy Failures = new() { IsForOthers = ReplicaLife.IsOfThisReplica };

    readonly List<HostReceiveEndpointHandle> _handles = [];
    bool _hasDirectory;

    /// <summary>The queues whose messages nobody else gets.</summary>
    public static IReadOnlyList<string> NamesOf(int shard, int replica) =>
        [ShardAddress.WriteName(shard, replica), ShardAddress.LogName(shard, replica)];

    /// <summary>What waits in them is held until the file is complete.</summary>
    public async Task ConnectOwnAsync(CancellationToken cancellationToken)
    {
        var write = Connect(ShardAddress.WriteName(shard, replica), (context, endpoint) =>
        {
            endpoint.UseFilter(new ReplicaGate(life, forSearch: false));
            EndpointPolicy.ForReplicaWrites(endpoint, Failures);
            EndpointPolicy.Receiving(endpoint, ShardAddress.WriteName(shard));
            endpoint.ConfigureReceive(receive => receive.UseFilter(life.Order));
            endpoint.ConfigureConsumer<UpsertPointsConsumer>(context);
            endpoint.ConfigureConsumer<EvictPointsConsumer>(context);
            endpoint.ConfigureConsumer<PassBarrierConsumer>(context);
        });
        var log = Connect(ShardAddress.LogName(shard, replica), (context, endpoint) =>
        {
            endpoint.UseFilter(new ReplicaGate(life, forSearch: false));
            EndpointPolicy.ForLog(endpoint);
            EndpointPolicy.Receiving(endpoint, ShardAddress.LogName(shard));
            endpoint.ConfigureReceive(receive => receive.UseFilter(life.LogOrder));
            endpoint.ConfigureConsumer<DirectoryLoggedConsumer>(context);
            endpoint.ConfigureConsumer<LogBarrierConsumer>(context);
        });
        var peer = Connect(ShardAddress.PeerName(shard, replica), (context, endpoint) =>
        {
            EndpointPolicy.ForSearch(endpoint);
            endpoint.ConfigureConsumer<LogAppliedConsumer>(context);
            endpoint.ConfigureConsumer<BeginCopyConsumer>(context);
            endpoint.ConfigureConsumer<CopyPageConsumer>(context);
        });
        await Task.WhenAll(write.Ready, log.Ready, peer.Ready).WaitAsync(cancellationToken);
    }

    /// <summary>Leads from then on, if the broker gives this consumer the messages.</summary>
    public async Task ConnectDirectoryAsync(CancellationToken cancellationToken)
    {
        if (_hasDirectory)
            return;
        _hasDirectory = true;
        var directory = Connect(ShardAddress.DirectoryName(shard), (context, endpoint) =>
        {
            endpoint.UseFilter(new ReplicaGate(life, forSearch: false));
            EndpointPolicy.ForReplicatedDirectory(endpoint, Failures);
            ShardEndpoints.ConfigureDirectory(context, endpoint, shard);
            endpoint.ConfigureConsumer<JoinReplicaConsumer>(context);
        });
        await directory.Ready.WaitAsync(cancellationToken);
    }

    public async Task ConnectServiceAsync(CancellationToken cancellationToken)
    {
        var search = Connect(ShardAddress.SearchName(shard), (context, endpoint) =>
        {
            endpoint.UseFilter(new ReplicaGate(life, forSearch: true));
            ShardEndpoints.ConfigureSearch(context, endpoint);
        });
        await search.Ready.WaitAsync(cancellationToken);
        await ConnectDirectoryAsync(cancellationToken);
    }

    /// <summary>The shared ones first.</summary>
    public async Task CloseAsync()
    {
        foreach (var closing in _handles.AsEnumerable().Reverse().Select(handle => handle.StopAsync()).ToList())
            await closing.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    HostReceiveEndpointHandle Connect(string name, Action<IBusRegistrationContext, IReceiveEndpointConfigurator> configure)
    {
        var handle = link.Connect(name, configure);
        _handles.Add(handle);
        return handle;
    }
}
