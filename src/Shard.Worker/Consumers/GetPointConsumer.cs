using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>
/// Looks an id up in the directory. One place: the question goes on to it, which answers the API. None or several: says so. While the
/// id's home moves, the question goes on to the new one.
/// </summary>
public sealed class GetPointConsumer(ShardSet shards) : IConsumer<GetPoint>
{
    public Task Consume(ConsumeContext<GetPoint> context)
    {
        var request = context.Message;
        var home = shards[request.Shard];
        var asked = home.Homes.Asked(request.Id, home.Number);
        if (asked != home.Number)
            return context.PassOnAsync(ShardAddress.Search(asked), request with { Shard = asked });
        var entry = home.Engine.Locate(new PointKey(request.Id));
        if (entry is null || entry.Deleted || entry.Places.Count != 1)
            return context.RespondAsync(Located(entry));
        var place = entry.Places[0];
        if (place.Shard != home.Number)
            return context.PassOnAsync(ShardAddress.Search(place.Shard), QuestionTo(place, request));
        var reading = home.Engine.Read(new PointKey(request.Id), request.WithVector);
        return context.RespondAsync(Rows.ReadOf(reading, home.Number, place.Version, request.WithVector));
    }

    static ReadPoint QuestionTo(Place place, GetPoint request) =>
        new() { Shard = place.Shard, Id = request.Id, WithVector = request.WithVector, ClaimedVersion = place.Version };

    static PointLocated Located(DirectoryEntry? entry) => new()
    {
        IsUnknown = entry is null || entry.Deleted,
        Places = entry is null || entry.Deleted
            ? []
            : [.. entry.Places.Select(place => new PlaceOfPoint { Shard = place.Shard, Version = place.Version })],
    };
}
