using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>Says every few seconds which shards are open here, once their queues exist.</summary>
public sealed class ShardAnnouncer(
    BusLink link, ShardSet shards, ShardEndpoints endpoints, ShardUrls urls, TimeProvider clock) : Announcer(link, clock)
{
    /// <summary>Replicas announce themselves, whatever their state: ReplicaLife.</summary>
    protected override async Task<bool> IsReadyAsync(CancellationToken stoppingToken) =>
        await endpoints.Opened.WaitAsync(stoppingToken) && !shards.HasReplicas;

    protected override IEnumerable<object> Announcements() =>
        shards.Open.Select(shard => AnnouncementOf(shard.Number, shards, urls));

    internal static ShardAnnounced AnnouncementOf(int shard, ShardSet shards, ShardUrls urls) => new()
    {
        Shard = shard,
        ShardCount = shards.SystemCount,
        IsCountLearned = shards.IsCountLearned,
        Url = urls.Of(shard),
        Worker = shards.Worker,
    };
}
