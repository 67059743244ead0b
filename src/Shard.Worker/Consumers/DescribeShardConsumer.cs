using MassTransit;
using VectorDb.Contracts;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Says how a shard is.</summary>
public sealed class DescribeShardConsumer(ShardSet shards, CollectionWatch collection, MigrationProgress progress)
    : IConsumer<DescribeShard>
{
    public Task Consume(ConsumeContext<DescribeShard> context)
    {
        var shard = shards[context.Message.Shard];
        var stats = shard.Engine.Stats;
        return context.RespondAsync(new ShardDescribed
        {
            Shard = stats.Number,
            Points = stats.Points,
            DirectoryEntries = stats.DirectoryEntries,
            Tombstones = stats.Tombstones,
            Quarantined = stats.Quarantined,
            IndexBytes = stats.IndexBytes,
            FileBytes = stats.FileBytes,
            RowsToCheck = collection.State is { Epoch: > 0 } state ? shard.Engine.CountBefore(state.Epoch) : 0,
            RowsMoved = progress.MovedOf(stats.Number),
            Index = OwnedShard.IndexState(stats),
        });
    }
}
