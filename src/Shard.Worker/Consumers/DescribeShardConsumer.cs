using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Says how a shard is.</summary>
public sealed class DescribeShardConsumer(ShardSet shards) : IConsumer<DescribeShard>
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
            Index = OwnedShard.IndexState(stats),
        });
    }
}
