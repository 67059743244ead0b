using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>Says every few seconds which shards are open here, once their queues exist.</summary>
public sealed class ShardAnnouncer(
    BusLink link, ShardSet shards, ShardEndpoints endpoints, ShardUrls urls, TimeProvider clock) : Announcer(link, clock)
{
    protected override Task<bool> IsReadyAsync(CancellationToken stoppingToken) => endpoints.Opened.WaitAsync(stoppingToken);

    protected override IEnumerable<object> Announcements() => shards.Open.Select(shard => new ShardAnnounced
    {
        Shard = shard.Number,
        ShardCount = shards.SystemCount,
        Url = urls.Of(shard.Number),
    });
}
