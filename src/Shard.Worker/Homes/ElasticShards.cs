using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Where one process owns all shards, opens those that are to be added and closes those that have left. Elsewhere each worker owns what its
/// settings say, and this only notes the number. One caller at a time.
/// </summary>
public sealed class ElasticShards(ShardSet shards, ShardEndpoints endpoints, ShardUrls urls, BusLink link, VectorDbOptions options)
{
    /// <summary>Longer than any search waits: one that was on its way to a shard when it left is answered.</summary>
    static readonly TimeSpan OpenFor = TimeSpan.FromSeconds(15);

    readonly Dictionary<int, long> _left = [];

    /// <summary>As <see cref="ShardEndpoints.Opened"/>.</summary>
    public Task<bool> Opened => endpoints.Opened;

    public async Task FollowAsync(CollectionState state, CancellationToken cancellationToken)
    {
        shards.Learn(state);
        if (shards.IsElastic)
        {
            var count = ShardNumbers.Open(state);
            foreach (var number in Enumerable.Range(0, count).Where(number => !shards.TryGet(number, out _)))
                await OpenAsync(number, cancellationToken);
            await CloseLeftAsync(count, cancellationToken);
        }
        if (state.Change is null && ShardCountFile.Read(options.DataPath) != state.ShardCount)
            ShardCountFile.Change(options.DataPath, state.ShardCount);
    }

    /// <summary>Announced at once: the others send nothing to a shard that they have not heard of.</summary>
    async Task OpenAsync(int number, CancellationToken cancellationToken)
    {
        await endpoints.AttachAsync(number, cancellationToken);
        await link.PublishAsync(ShardAnnouncer.AnnouncementOf(number, shards, urls), cancellationToken);
    }

    async Task CloseLeftAsync(int count, CancellationToken cancellationToken)
    {
        foreach (var number in _left.Keys.Where(number => number < count).ToList())
            _left.Remove(number);
        foreach (var shard in shards.Open.Where(shard => shard.Number >= count))
        {
            _left.TryAdd(shard.Number, Stopwatch.GetTimestamp());
            if (Stopwatch.GetElapsedTime(_left[shard.Number]) < OpenFor)
                continue;
            var isEmpty = ShardSet.IsEmpty(shard.Engine.Stats);
            await endpoints.DetachAsync(shard.Number, cancellationToken);
            if (isEmpty)
                shards.DeleteFile(shard.Number);
            _left.Remove(shard.Number);
        }
    }
}
