using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Endpoints;

/// <summary>Each shard answers for itself: what it holds, without asking any other.</summary>
public static class ShardPages
{
    const int ListMax = 10_000;

    /// <summary>Under `/shards/{shard}/` of the process.</summary>
    public static void MapShardPages(this IEndpointRouteBuilder app)
    {
        var pages = app.MapGroup("/shards/{shard:int}").WithTags("Shards").ProducesProblem(404).ProducesProblem(503);
        pages.MapGet("/", (int shard, ShardSet shards) => Status(OwnedBy(shards, shard))).WithName("ShardStatus")
            .WithSummary("Health and counts of one shard.");
        pages.MapGet("/get/{id}", (int shard, string id, ShardSet shards, bool with_vector = true) =>
            Get(OwnedBy(shards, shard), id, with_vector)).WithName("ShardGet")
            .WithSummary("A point that this shard holds.").ProducesProblem(422);
        pages.MapGet("/list_ids", (int shard, ShardSet shards, string? after = null, int limit = 100) =>
            ListIds(OwnedBy(shards, shard), after, limit)).WithName("ShardListIds")
            .WithSummary("Ids that this shard holds, in order; `next` continues the list as `after`.").ProducesProblem(422);
        pages.MapPost("/store", (int shard, JsonBody<PointInput> body, ShardSet shards, PinnedStore store, CancellationToken cancel) =>
            StoreAsync(OwnedBy(shards, shard), body.Value, store, cancel)).WithName("ShardStore")
            .WithSummary("Stores a point in this shard whatever the centroids say; still claimed at the id's home.")
            .ProducesProblem(400).ProducesProblem(422);
    }

    /// <summary>The same at the root of a port of its own, for a stand-alone worker.</summary>
    public static void MapShardPort(this IEndpointRouteBuilder app, int shard, int port)
    {
        var pages = app.MapGroup("").RequireHost($"*:{port}");
        pages.MapGet("/", (ShardSet shards) => Status(OwnedBy(shards, shard)));
        pages.MapGet("/get/{id}", (string id, ShardSet shards, bool with_vector = true) => Get(OwnedBy(shards, shard), id, with_vector));
        pages.MapGet("/list_ids", (ShardSet shards, string? after = null, int limit = 100) =>
            ListIds(OwnedBy(shards, shard), after, limit));
        pages.MapPost("/store", (JsonBody<PointInput> body, ShardSet shards, PinnedStore store, CancellationToken cancel) =>
            StoreAsync(OwnedBy(shards, shard), body.Value, store, cancel));
    }

    static OwnedShard OwnedBy(ShardSet shards, int shard)
    {
        if (shards.TryGet(shard, out var owned))
            return owned!;
        throw shards.Owns(shard)
            ? ProblemException.Unavailable($"Shard {shard} is still loading; try again in a moment.")
            : ProblemException.NotFound($"There is no shard {shard} in this process; GET / lists the shards and their addresses.");
    }

    static Ok<ShardPage> Status(OwnedShard shard)
    {
        var stats = shard.Engine.Stats;
        return TypedResults.Ok(new ShardPage
        {
            Shard = stats.Number,
            Health = stats.Quarantined > 0 ? "damaged rows" : "ready",
            Dimensions = stats.Schema?.Dimensions,
            Points = stats.Points,
            DirectoryEntries = stats.DirectoryEntries,
            Tombstones = stats.Tombstones,
            Quarantined = stats.Quarantined,
            IndexBytes = stats.IndexBytes,
            FileBytes = stats.FileBytes,
            Index = OwnedShard.IndexState(stats),
        });
    }

    static Ok<ShardPoint> Get(OwnedShard shard, string text, bool withVector)
    {
        foreach (var id in PathIds.Candidates(text))
        {
            var reading = shard.Engine.Read(new PointKey(id.ToKey()), withVector);
            if (reading is { State: PointState.Live, Row: { } row })
                return TypedResults.Ok(new ShardPoint
                {
                    Id = id,
                    Vector = withVector ? row.Vector : null,
                    Payload = row.Payload is null ? null : JsonSerializer.Deserialize<JsonElement>(row.Payload),
                    Text = row.Text,
                    Shard = shard.Number,
                    Version = reading.Version,
                });
        }
        throw ProblemException.NotFound(
            $"Shard {shard.Number} holds no point with the id {text}; GET /get/{{id}} finds it wherever it is.");
    }

    static Ok<ShardIds> ListIds(OwnedShard shard, string? after, int limit)
    {
        if (limit is < 1 or > ListMax)
            throw ProblemException.OutOfRange($"limit is {limit}; give 1 to {ListMax}.");
        PointKey? start = after is null ? null : new PointKey(PathIds.Exact(after).ToKey());
        var keys = shard.Engine.ListKeys(start, limit);
        var ids = keys.Select(key => PointId.FromKey(key.Span)).ToList();
        return TypedResults.Ok(new ShardIds(ids, ids.Count == limit ? PathIds.Text(ids[^1]) : null));
    }

    static async Task<Ok<ShardStored>> StoreAsync(
        OwnedShard shard, PointInput point, PinnedStore store, CancellationToken cancellationToken)
    {
        if (point.Problem() is { } problem)
            throw ProblemException.OutOfRange($"The point {point.Id} {problem}.");
        return TypedResults.Ok(new ShardStored(point.Id, shard.Number, await store.StoreAsync(shard, point, cancellationToken)));
    }
}

/// <summary>Answer of a shard's `GET /`.</summary>
public sealed record ShardPage
{
    public required int Shard { get; init; }

    /// <summary>ready or damaged rows.</summary>
    public required string Health { get; init; }

    public int? Dimensions { get; init; }

    public required long Points { get; init; }

    public required long DirectoryEntries { get; init; }

    public required long Tombstones { get; init; }

    public required long Quarantined { get; init; }

    public required long IndexBytes { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>"ready", or what the index is doing or what is wrong with it.</summary>
    public required string Index { get; init; }
}

/// <summary>A point as one shard holds it.</summary>
public sealed record ShardPoint
{
    public required PointId Id { get; init; }

    public float[]? Vector { get; init; }

    public JsonElement? Payload { get; init; }

    public string? Text { get; init; }

    public required int Shard { get; init; }

    public required long Version { get; init; }
}

/// <summary>Ids in order.</summary>
/// <param name="Ids">At most `limit`.</param>
/// <param name="Next">Give it as `after` for what follows; null at the end.</param>
public sealed record ShardIds(IReadOnlyList<PointId> Ids, string? Next);

/// <summary>A point stored in the shard that was named.</summary>
public sealed record ShardStored(PointId Id, int Shard, long Version);
