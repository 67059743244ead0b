using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>Says every few seconds which shards are open here, once their queues exist.</summary>
public sealed class ShardAnnouncer(
    IBus bus, ShardSet shards, ShardEndpoints endpoints, VectorDbOptions options, ShardUrls urls, TimeProvider clock)
    : BackgroundService
{
    /// <summary>A fifth of the time after which others call a shard missing.</summary>
    static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await endpoints.Opened.WaitAsync(stoppingToken);
        using var timer = new PeriodicTimer(Every, clock);
        do
            foreach (var shard in shards.Open)
                await bus.Publish(
                    new ShardAnnounced { Shard = shard.Number, ShardCount = options.Shards, Url = urls.Of(shard.Number) }, stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
