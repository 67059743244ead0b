using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Reads this shard's row of an id.</summary>
public sealed class ReadPointConsumer(ShardSet shards) : IConsumer<ReadPoint>
{
    public Task Consume(ConsumeContext<ReadPoint> context)
    {
        var request = context.Message;
        var reading = shards[request.Shard].Engine.Read(new PointKey(request.Id), request.WithVector);
        return context.RespondAsync(Rows.ReadOf(reading, request.Shard, request.ClaimedVersion, request.WithVector));
    }
}
