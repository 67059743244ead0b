using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>
/// Looks an id up in the directory. One place: the question goes on to it, which answers the API. None or several: says so. While the
/// id's home moves, the question goes on to the new one.
/// </summary>
public sealed class GetPointConsumer(ShardSet shards) : IConsumer<GetPoint>
{
    public async Task Consume(ConsumeContext<GetPoint> context)
    {
        var request = context.Message;
        var home = shards[request.Shard];
        var asked = home.Homes.Asked(request.Id, home.Number);
        if (asked != home.Number)
        {
            await SendAsync(context, ShardAddress.Search(asked), request with { Shard = asked });
            return;
        }
        var entry = home.Engine.Locate(new PointKey(request.Id));
        if (entry is null || entry.Deleted || entry.Places.Count != 1)
        {
            await context.RespondAsync(Located(entry));
            return;
        }
        var place = entry.Places[0];
        if (place.Shard == home.Number)
        {
            var reading = home.Engine.Read(new PointKey(request.Id), request.WithVector);
            await context.RespondAsync(Rows.ReadOf(reading, home.Number, place.Version, request.WithVector));
            return;
        }
        await PassOnAsync(context, place);
    }

    static Task PassOnAsync(ConsumeContext<GetPoint> context, Place place) => SendAsync(
        context,
        ShardAddress.Search(place.Shard),
        new ReadPoint
        {
            Shard = place.Shard,
            Id = context.Message.Id,
            WithVector = context.Message.WithVector,
            ClaimedVersion = place.Version,
        });

    /// <summary>Whoever gets it answers the API.</summary>
    static async Task SendAsync<T>(ConsumeContext<GetPoint> context, Uri address, T question)
        where T : class
    {
        var endpoint = await context.GetSendEndpoint(address);
        await endpoint.Send(
            question,
            send =>
            {
                send.RequestId = context.RequestId;
                send.ResponseAddress = context.ResponseAddress;
                send.Durable = false;
            },
            context.CancellationToken);
    }

    static PointLocated Located(DirectoryEntry? entry) => new()
    {
        IsUnknown = entry is null || entry.Deleted,
        Places = entry is null || entry.Deleted
            ? []
            : [.. entry.Places.Select(place => new PlaceOfPoint { Shard = place.Shard, Version = place.Version })],
    };
}
