using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Homes;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>
/// Gives deletes their versions at the ids' home and tells every place to evict. While homes move, what is not this shard's to decide
/// goes on to whose it is, or comes back a moment later.
/// </summary>
public sealed class DeletePointsConsumer(ShardSet shards) : IConsumer<DeletePoints>
{
    /// <summary>Holding the message instead would keep others from being handled.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    public async Task Consume(ConsumeContext<DeletePoints> context)
    {
        var message = context.Message;
        var (rule, deleted) = await shards[message.Shard].Directory.ChangeAsync(
            transaction => Delete(transaction, message), context.CancellationToken);
        var here = message.Points.Where(point => rule.Decides(point.Id, message.Shard)).ToList();
        if (here.Count > 0)
            await context.SendAllAsync(Followups.AfterDelete(message with { Points = here }, deleted));
        if (here.Count < message.Points.Count)
        {
            await Task.Delay(Pause, context.CancellationToken);
            await context.SendAllAsync(message.Points.Except(here).GroupBy(point => rule.Asked(point.Id, message.Shard))
                .Select(home => new Outgoing(
                    ShardAddress.Directory(home.Key), message with { Shard = home.Key, Points = [.. home] })));
        }
    }

    static (HomeRule Rule, List<DeletedPoint> Deleted) Delete(ShardTransaction transaction, DeletePoints message)
    {
        var rule = HomeRule.Read(transaction);
        var here = message.Points.Where(point => rule.Decides(point.Id, message.Shard)).ToList();
        OperationRecord.Stored(transaction, here.Select(point => (message.OperationId, point.Ordinal)));
        return (rule, [.. here.Select(point => Delete(transaction, message.OperationId, point, rule))]);
    }

    static DeletedPoint Delete(ShardTransaction transaction, Guid operation, DeletePoint point, HomeRule rule)
    {
        var claim = new Claim(operation, point.Ordinal, new PointKey(point.Id), Target: null) { TargetsBelow = rule.Count };
        var grant = transaction.Claim(claim);
        return new()
        {
            Ordinal = point.Ordinal,
            Version = grant.Version,
            Existed = grant.Existed,
            Evicting = [.. grant.OtherPlaces],
        };
    }
}
