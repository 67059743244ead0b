using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>Storing, reading and deleting points.</summary>
public static class PointEndpoints
{
    public static void MapPoints(this IEndpointRouteBuilder app)
    {
        var points = app.MapGroup("").WithTags("Points").ProducesProblem(400).ProducesProblem(503);
        points.MapPost("/store", StoreAsync).WithName("Store")
            .WithSummary("Stores one point, or several with `points`.")
            .WithDescription("With `points` the answer is `{\"points\": [...]}`, else one `{id, shard, version}`. Everything is "
                + "checked before anything is stored. An id that exists is replaced.")
            .Produces<StoreAnswer>().Produces<AcceptedAnswer>(202)
            .ProducesProblem(413).ProducesProblem(422).ProducesProblem(429);
        points.MapGet("/get/{id}", GetAsync).WithName("Get")
            .WithSummary("A point by its id; digits mean the number, or the string of these digits where only that exists.")
            .ProducesProblem(404).ProducesProblem(422);
        points.MapDelete("/points/{id}", DeleteAsync).WithName("Delete")
            .WithSummary("Deletes a point.").ProducesProblem(404).ProducesProblem(422);
    }

    static async Task<IResult> StoreAsync(
        JsonBody<StoreBody> body, CollectionKeeper keeper, ClusterView view, WriteCoordinator writes, CancellationToken cancellationToken)
    {
        var request = body.Value;
        var inputs = StoreRequest.Points(request);
        StoreRequest.CheckAlone(inputs);
        StoreRequest.CheckSizes(inputs, view);
        var state = await keeper.GetOrDefineAsync(inputs.FirstOrDefault(point => point.Vector is null) ?? inputs[0], cancellationToken);
        StoreRequest.CheckAgainst(inputs, state, view.Router);
        var points = StoreRequest.ToMessages(inputs);
        if (!request.Wait)
        {
            var operation = await writes.StoreLaterAsync(points, cancellationToken);
            return TypedResults.Accepted(
                OperationEndpoints.PathOf(operation),
                new AcceptedAnswer(operation, [.. inputs.Select(point => point.Id)], writes.IsDurableOnSend));
        }
        var fates = await writes.StoreAsync(points, cancellationToken);
        var answers = fates.Select((fate, i) => new StoreAnswer(inputs[i].Id, fate.Shard, fate.Version ?? 0)).ToList();
        return request.Points is null ? TypedResults.Ok(answers[0]) : TypedResults.Ok(new StoreManyAnswer(answers));
    }

    static async Task<Ok<GetAnswer>> GetAsync(
        string id, PointReader reader, CancellationToken cancellationToken, bool with_vector = true)
    {
        foreach (var candidate in PathId.Candidates(id))
            if (await reader.FindAsync(candidate.ToKey(), with_vector, cancellationToken) is { } read)
                return TypedResults.Ok(new GetAnswer
                {
                    Id = candidate,
                    Vector = read.Vector is null ? null : VectorBytes.ToFloats(read.Vector),
                    Payload = PayloadOf(read.Payload),
                    Text = read.Text,
                    Shard = read.Shard,
                    Version = read.Version,
                });
        throw PathId.NotFound(id);
    }

    static async Task<Ok<DeleteAnswer>> DeleteAsync(string id, WriteCoordinator writes, CancellationToken cancellationToken)
    {
        foreach (var candidate in PathId.Candidates(id))
            if (await writes.DeleteAsync(candidate.ToKey(), cancellationToken) is { Existed: true } fate)
                return TypedResults.Ok(new DeleteAnswer(candidate, fate.Version ?? 0));
        throw PathId.NotFound(id);
    }

    internal static JsonElement? PayloadOf(string? payload) =>
        payload is null ? null : JsonSerializer.Deserialize<JsonElement>(payload);
}
