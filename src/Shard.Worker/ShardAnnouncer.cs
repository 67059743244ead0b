using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker;

/// <summary>Says every few seconds which shards are open here, once their queues exist.</summary>
public sealed class ShardAnnouncer(
    IBus bus, ShardSet shards, ShardEndpoints endpoints, ShardUrls urls, TimeProvider clock) : BackgroundService
{
    /// <summary>A fifth of the time after which others call a shard missing.</summary>
    static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Replicas announce themselves, whatever their state: ReplicaLife.
        if (shards.HasReplicas || !await endpoints.Opened.WaitAsync(stoppingToken))
            return;
        using var timer = new PeriodicTimer(Every, clock);
        do
            foreach (var shard in shards.Open)
                await bus.Publish(
                    new ShardAnnounced { Shard = shard.Number, ShardCount = shards.SystemCount, Url = urls.Of(shard.Number) },
                    CancellationToken.None);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
