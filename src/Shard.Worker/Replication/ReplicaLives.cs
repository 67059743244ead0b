using System.Collections.Concurrent;
using MassTransit;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Keeps a replica of each owned shard alive, life after life, where shards have replicas. Where they have none it does nothing.
/// </summary>
public sealed class ReplicaLives(IServiceProvider services, BusLink link, VectorDbOptions options)
    : RoleEndpoints(link)
{
    /// <summary>A life that ended is not begun again at once: what ended it may last.</summary>
    static readonly TimeSpan BetweenLives = TimeSpan.FromSeconds(1);

    readonly ConcurrentDictionary<int, ReplicaLife> _lives = new();
    readonly CancellationTokenSource _stop = new();
    Task _running = Task.CompletedTask;

    /// <exception cref="OperationCanceledException">There is no life at the moment: what needs it must come again.</exception>
    public ReplicaLife this[int shard] => Find(shard) ?? throw new OperationCanceledException($"Shard {shard} is not open.");

    public ReplicaLife? Find(int shard) => _lives.GetValueOrDefault(shard);

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (options.Replicas == 1)
            return;
        services.GetRequiredService<Readiness>().AddSource(Lacking);
        ShardCountFile.Check(options.DataPath, options.Shards);
        await base.StartAsync(cancellationToken);
        var host = ReplicaHost.From(services);
        _running = Task.WhenAll(options.ShardsToOpen().Select(shard => Task.Run(() => LiveOnAsync(host, shard), CancellationToken.None)));
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await _stop.CancelAsync();
        await _running.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await base.StopAsync(cancellationToken);
    }

    /// <summary>One at a time, because silence is counted in the order of announcements.</summary>
    protected override void Connect()
    {
        if (options.Replicas > 1)
            Connect($"vectordb.shards-{NewId.Next():N}.events", (context, endpoint) =>
            {
                EndpointPolicy.ForEvents(endpoint);
                endpoint.ConcurrentMessageLimit = 1;
                endpoint.ConfigureConsumer<ShardAnnouncedConsumer>(context);
            });
    }

    async Task LiveOnAsync(ReplicaHost host, int shard)
    {
        while (!_stop.IsCancellationRequested)
            try
            {
                await BrokerAsync();
                var life = new ReplicaLife(host, shard, _stop.Token);
                _lives[shard] = life;
                await life.RunAsync();
            }
            catch (Exception) when (_stop.IsCancellationRequested)
            {
            }
            catch (ShardException e) when (e is not DiskFullException && !ReplicaLife.IsOfThisReplica(e))
            {
                host.Logger.LogCritical("Shard {Shard} could not be opened: {Reason}", shard, e.Message);
                services.GetRequiredService<Readiness>().Fail(e);
                services.GetRequiredService<IHostApplicationLifetime>().StopApplication();
                return;
            }
            catch (Exception e)
            {
                host.Logger.LogWarning(e, "Shard {Shard}, replica {Replica} starts over: {Reason}", shard, options.Replica, e.Message);
                await Task.Delay(BetweenLives, CancellationToken.None);
            }
    }

    /// <summary>Completes when the broker is there: no life goes on without it.</summary>
    async Task BrokerAsync()
    {
        await BusStarted.WaitAsync(_stop.Token);
        while (!HasBroker)
            await Task.Delay(BetweenLives, _stop.Token);
    }

    IEnumerable<string> Lacking() => options.ShardsToOpen()
        .Select(shard => Find(shard) is { } life ? life.Lacking : $"Shard {shard}, replica {options.Replica}: is not open yet.")
        .OfType<string>();
}
