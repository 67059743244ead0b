using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Consumers;

namespace VectorDb.ShardWorker;

/// <summary>
/// Opens the owned shards, then their queues: write, directory and search, never shared. Shards are opened in the background, so
/// that the process can say how far it is; one that cannot be opened stops the process.
/// </summary>
public sealed class ShardEndpoints(
    BusLink link, ShardSet shards, Readiness readiness, IHostApplicationLifetime lifetime,
    ILogger<ShardEndpoints> logger) : RoleEndpoints(link)
{
    readonly CancellationTokenSource _stop = new();
    readonly TaskCompletionSource<bool> _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Dictionary<int, HostReceiveEndpointHandle[]> _handles = [];
    Task _opening = Task.CompletedTask;

    /// <summary>Completes with true when the shards are open and their queues receive, with false when one could not be opened.</summary>
    public Task<bool> Opened => _open.Task;

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        if (shards.HasReplicas)
        {
            // Replicas open by themselves, each in its time: ReplicaLives.
            _open.TrySetResult(true);
            return Task.CompletedTask;
        }
        readiness.AddSource(shards.Lacking);
        _opening = Task.Run(() => OpenShardsAsync(_stop.Token), CancellationToken.None);
        return Task.CompletedTask;
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _opening.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
        await shards.DisposeAsync();
    }

    async Task OpenShardsAsync(CancellationToken cancellationToken)
    {
        try
        {
            shards.OpenAll(cancellationToken);
            await BusStarted.WaitAsync(cancellationToken);
            Connect();
            await ReadyAsync(cancellationToken);
            _open.TrySetResult(true);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            logger.LogCritical("A shard could not be opened: {Reason}", e.Message);
            readiness.Fail(e);
            _open.TrySetResult(false);
            lifetime.StopApplication();
        }
    }

    protected override void Connect()
    {
        foreach (var shard in shards.Open)
            _handles[shard.Number] = Connect(shard.Number);
    }

    /// <summary>Opens one more shard and its queues. One caller at a time, after <see cref="Opened"/>.</summary>
    /// <exception cref="ShardException">It cannot be opened; the message says what to do.</exception>
    public async Task AttachAsync(int shard, CancellationToken cancellationToken)
    {
        shards.OpenAlone(shard, cancellationToken);
        _handles[shard] = Connect(shard);
        await Task.WhenAll(_handles[shard].Select(handle => handle.Ready)).WaitAsync(cancellationToken);
    }

    /// <summary>Closes a shard's queues and then the shard. One caller at a time, after <see cref="Opened"/>.</summary>
    public async Task DetachAsync(int shard, CancellationToken cancellationToken)
    {
        if (_handles.Remove(shard, out var handles))
            await Task.WhenAll(handles.Select(handle => DisconnectAsync(handle, cancellationToken)));
        await shards.RemoveAsync(shard);
    }

    HostReceiveEndpointHandle[] Connect(int shard)
    {
        var failures = new FailurePolicy { WillPass = WillPass };
        return
        [
            Connect(ShardAddress.WriteName(shard), (context, endpoint) =>
            {
                EndpointPolicy.ForWrites(endpoint, failures);
                endpoint.ConfigureConsumer<UpsertPointsConsumer>(context);
                endpoint.ConfigureConsumer<EvictPointsConsumer>(context);
            }),
            Connect(ShardAddress.DirectoryName(shard), (context, endpoint) =>
            {
                EndpointPolicy.ForWrites(endpoint, failures);
                ConfigureDirectory(context, endpoint, shard);
            }),
            Connect(ShardAddress.SearchName(shard), ConfigureSearch),
        ];
    }

    internal static void ConfigureDirectory(IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint, int shard)
    {
        endpoint.ConfigureConsumer<ClaimIdsConsumer>(context);
        endpoint.ConfigureConsumer<ReleasePlacesConsumer>(context);
        endpoint.ConfigureConsumer<DeletePointsConsumer>(context);
        endpoint.ConfigureConsumer<RecordRejectionsConsumer>(context);
        if (shard == ShardAddress.KeeperShard)
            ConfigureKeeper(context, endpoint);
    }

    internal static void ConfigureSearch(IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        EndpointPolicy.ForSearch(endpoint);
        endpoint.ConfigureConsumer<SearchShardConsumer>(context);
        endpoint.ConfigureConsumer<GetPointConsumer>(context);
        endpoint.ConfigureConsumer<ReadPointConsumer>(context);
        endpoint.ConfigureConsumer<DescribeShardConsumer>(context);
        endpoint.ConfigureConsumer<SampleVectorsConsumer>(context);
        endpoint.ConfigureConsumer<FindScoresConsumer>(context);
        endpoint.ConfigureConsumer<DescribeOperationConsumer>(context);
        endpoint.ConfigureConsumer<TakeOverHomesConsumer>(context);
    }

    /// <summary>The disk's fault and not the message's.</summary>
    internal static bool WillPass(Exception failure) => failure is DiskFullException or ShardAccessException;

    static void ConfigureKeeper(IBusRegistrationContext context, IReceiveEndpointConfigurator endpoint)
    {
        endpoint.ConfigureConsumer<DefineCollectionConsumer>(context);
        endpoint.ConfigureConsumer<GetCollectionConsumer>(context);
        endpoint.ConfigureConsumer<SetCentroidsConsumer>(context);
        endpoint.ConfigureConsumer<ShardMigratedConsumer>(context);
        endpoint.ConfigureConsumer<ChangeShardCountConsumer>(context);
        endpoint.ConfigureConsumer<ChangeStepFinishedConsumer>(context);
    }
}
