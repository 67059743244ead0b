using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Forgets places that hold nothing any more.</summary>
public sealed class ReleasePlacesConsumer(ShardSet shards) : IConsumer<ReleasePlaces>
{
    public Task Consume(ConsumeContext<ReleasePlaces> context) => shards[context.Message.Shard].Directory.ChangeAsync(
        transaction =>
        {
            foreach (var released in context.Message.Places)
                transaction.Release(new PointKey(released.Id), released.Place, released.Version);
            return true;
        },
        context.CancellationToken);
}
