using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Gives deletes their versions at the ids' home and tells every place to evict.</summary>
public sealed class DeletePointsConsumer(ShardSet shards) : IConsumer<DeletePoints>
{
    public async Task Consume(ConsumeContext<DeletePoints> context)
    {
        var message = context.Message;
        var deleted = await shards[message.Shard].Directory.ChangeAsync(
            transaction =>
            {
                OperationRecord.Stored(transaction, message.Points.Select(point => (message.OperationId, point.Ordinal)));
                return message.Points.Select(point => Delete(transaction, message.OperationId, point)).ToList();
            },
            context.CancellationToken);
        await context.SendAllAsync(Followups.AfterDelete(message, deleted));
    }

    static DeletedPoint Delete(ShardTransaction transaction, Guid operation, DeletePoint point)
    {
        var grant = transaction.Claim(new Claim(operation, point.Ordinal, new PointKey(point.Id), Target: null));
        return new()
        {
            Ordinal = point.Ordinal,
            Version = grant.Version,
            Existed = grant.Existed,
            Evicting = [.. grant.OtherPlaces],
        };
    }
}
