using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Where one process owns all shards, opens those that are to be added and closes those that have left. Elsewhere each worker owns what its
/// settings say, and this only notes the number. One caller at a time.
/// </summary>
public sealed class ElasticShards(ShardSet shards, ShardEndpoints endpoints, VectorDbOptions options)
{
    /// <summary>As <see cref="ShardEndpoints.Opened"/>.</summary>
    public Task<bool> Opened => endpoints.Opened;

    public async Task FollowAsync(CollectionState state, CancellationToken cancellationToken)
    {
        shards.Learn(state);
        if (shards.IsElastic)
        {
            foreach (var number in Enumerable.Range(0, ShardNumbers.Open(state)).Where(number => !shards.TryGet(number, out _)))
                await endpoints.AttachAsync(number, cancellationToken);
            foreach (var shard in shards.Open.Where(shard => shard.Number >= ShardNumbers.Open(state)))
                await CloseAsync(shard, cancellationToken);
        }
        if (state.Change is null && ShardCountFile.Read(options.DataPath) != state.ShardCount)
            ShardCountFile.Change(options.DataPath, state.ShardCount);
    }

    async Task CloseAsync(OwnedShard shard, CancellationToken cancellationToken)
    {
        var isEmpty = shard.Engine.Stats is { Points: 0, DirectoryEntries: 0, Quarantined: 0 };
        await endpoints.DetachAsync(shard.Number, cancellationToken);
        if (isEmpty)
            shards.DeleteFile(shard.Number);
    }
}
