using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Commits evictions; then releases the places at the homes and tells whoever waits.</summary>
public sealed class EvictPointsConsumer(ShardSet shards) : IConsumer<EvictPoints>
{
    public async Task Consume(ConsumeContext<EvictPoints> context)
    {
        var message = context.Message;
        var shard = shards[message.Shard];
        await shard.Writer.WriteAsync(
            transaction =>
            {
                foreach (var point in message.Points)
                    transaction.Evict(new PointKey(point.Id), point.Version);
                return true;
            },
            context.CancellationToken);
        // Who asks by request takes the first answer: it speaks for all replicas.
        var witness = await shard.CommittedAsync(context, isMoving: context.RequestId is not null);
        await context.SendAllAsync(Followups.AfterEvict(message, witness));
        if (context.RequestId is not null)
            await context.RespondAsync(Followups.Evicted(message.Shard, message.Points, witness));
    }
}
