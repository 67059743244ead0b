using MassTransit;
using VectorDb.Contracts;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker;

/// <summary>
/// What a shard sends after a commit. Pure: a message that is delivered again makes the same follow-ups again, and none of them
/// changes anything the second time.
/// </summary>
public static class Followups
{
    public static IEnumerable<Outgoing> AfterUpsert(UpsertPoints message, Witness witness = default)
    {
        var evictions = message.Points.SelectMany(point => point.OtherPlaces.Select(place => (place, point)));
        foreach (var place in evictions.GroupBy(eviction => eviction.place, eviction => eviction.point))
            yield return new(ShardAddress.Write(place.Key), new EvictPoints
            {
                Shard = place.Key,
                ShardCount = message.ShardCount,
                Points = [.. place.Select(EvictionOf)],
            });
        foreach (var waiting in message.Points.Where(point => point.ReplyTo is not null).GroupBy(point => point.ReplyTo!))
            yield return new(waiting.Key, new PointsStored
            {
                Shard = message.Shard,
                Replica = witness.Replica,
                Members = witness.Members,
                Points = [.. waiting.Select(point => new StoredPoint
                {
                    OperationId = point.OperationId,
                    Ordinal = point.Ordinal,
                    Version = point.Version,
                    Evicting = point.OtherPlaces,
                })],
            });
    }

    public static IEnumerable<Outgoing> AfterEvict(EvictPoints message, Witness witness = default)
    {
        foreach (var home in message.Points.GroupBy(point => Home.Of(point.Id, message.ShardCount)))
            yield return new(ShardAddress.Directory(home.Key), new ReleasePlaces
            {
                Shard = home.Key,
                Places = [.. home.Select(point => new ReleasedPlace { Id = point.Id, Place = message.Shard, Version = point.Version })],
            });
        foreach (var waiting in message.Points.Where(point => point.ReplyTo is not null).GroupBy(point => point.ReplyTo!))
            yield return new(waiting.Key, Evicted(message.Shard, waiting, witness));
    }

    public static PointsEvicted Evicted(int shard, IEnumerable<EvictPoint> points, Witness witness = default) => new()
    {
        Shard = shard,
        Replica = witness.Replica,
        Members = witness.Members,
        Points = [.. points.Select(point => new EvictedPoint { OperationId = point.OperationId, Ordinal = point.Ordinal })],
    };

    /// <summary>`deleted`: in the order of the message's points.</summary>
    public static IEnumerable<Outgoing> AfterDelete(DeletePoints message, IReadOnlyList<DeletedPoint> deleted)
    {
        var evictions = message.Points.Zip(deleted)
            .SelectMany(pair => pair.Second.Evicting.Select(place => (place, pair.First, pair.Second.Version)));
        foreach (var place in evictions.GroupBy(eviction => eviction.place))
            yield return new(ShardAddress.Write(place.Key), new EvictPoints
            {
                Shard = place.Key,
                ShardCount = message.ShardCount,
                Points = [.. place.Select(eviction => new EvictPoint
                {
                    OperationId = message.OperationId,
                    Ordinal = eviction.First.Ordinal,
                    ReplyTo = message.ReplyTo,
                    Id = eviction.First.Id,
                    Version = eviction.Version,
                })],
            });
        if (message.ReplyTo is { } replyTo)
            yield return new(replyTo, new PointsDeleted
            {
                Shard = message.Shard,
                OperationId = message.OperationId,
                Points = deleted,
            });
    }

    /// <summary>
    /// Sends all; completes when the transport has taken all. Not through the context itself, which remembers a send that failed and puts
    /// the message aside for it although it was handled at the next try.
    /// </summary>
    public static Task SendAllAsync(this ConsumeContext context, IEnumerable<Outgoing> messages) =>
        Task.WhenAll(messages.Select(async outgoing =>
        {
            var endpoint = await context.ReceiveContext.SendEndpointProvider.GetSendEndpoint(outgoing.Address);
            await endpoint.Send(outgoing.Message, outgoing.Message.GetType(), context.CancellationToken);
        }));

    static EvictPoint EvictionOf(UpsertPoint point) => new()
    {
        OperationId = point.OperationId,
        Ordinal = point.Ordinal,
        ReplyTo = point.ReplyTo,
        Id = point.Id,
        Version = point.Version,
    };
}

/// <summary>A message and where it goes.</summary>
public sealed record Outgoing(Uri Address, object Message);
