using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Commits rows; then tells the other places to evict theirs, and whoever waits that the rows are stored.</summary>
public sealed class UpsertPointsConsumer(ShardSet shards) : IConsumer<UpsertPoints>
{
    public async Task Consume(ConsumeContext<UpsertPoints> context)
    {
        var message = context.Message;
        var rows = message.Points.Where(point => !point.IsPast).Select(point => Rows.From(point, message.Epoch)).ToList();
        var schema = Rows.SchemaOf(message.Collection);
        var shard = shards[message.Shard];
        await shard.Writer.WriteAsync(
            transaction =>
            {
                transaction.DefineSchema(schema);
                foreach (var row in rows)
                    transaction.Upsert(row);
                OperationRecord.Stored(transaction, message.Points.Select(point => (point.OperationId, point.Ordinal)));
                return true;
            },
            context.CancellationToken);
        shard.Sketch.Note(message.Collection, rows.Select(row => row.Vector));
        var witness = await shard.CommittedAsync(context, isMoving: message.Points.Any(point => point.OtherPlaces.Length > 0));
        await context.SendAllAsync(Followups.AfterUpsert(message, witness));
    }
}
