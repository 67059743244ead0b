using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Homes;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Forgets places that hold nothing any more; tells the home that an id moves to as well.</summary>
public sealed class ReleasePlacesConsumer(ShardSet shards) : IConsumer<ReleasePlaces>
{
    public async Task Consume(ConsumeContext<ReleasePlaces> context)
    {
        var message = context.Message;
        var rule = await shards[message.Shard].Directory.ChangeAsync(
            transaction =>
            {
                foreach (var released in message.Places)
                    transaction.Release(new PointKey(released.Id), released.Place, released.Version);
                return HomeRule.Read(transaction);
            },
            context.CancellationToken);
        await context.SendAllAsync(message.Places.GroupBy(place => rule.HomeToBe(place.Id, message.Shard))
            .Where(home => home.Key != message.Shard)
            .Select(home => new Outgoing(
                ShardAddress.Directory(home.Key), new ReleasePlaces { Shard = home.Key, Places = [.. home] })));
    }
}
