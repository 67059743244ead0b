using System.Globalization;
using System.Text.Json;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>Setting and training centroids.</summary>
public static class CentroidEndpoints
{
    public static void MapCentroids(this IEndpointRouteBuilder app)
    {
        var centroids = app.MapGroup("").WithTags("Centroids")
            .ProducesProblem(400).ProducesProblem(409).ProducesProblem(422).ProducesProblem(503);
        centroids.MapPost("/set_centroids", SetAsync).WithName("SetCentroids")
            .WithSummary("Replaces the centroids by hand.")
            .WithDescription("`{\"0\": [..], \"1\": [..]}`, or a list of vectors for each shard: `{\"0\": [[..], [..]], ..}`. "
                + "Every shard needs at least one. Stored points are moved in the background: see `migration` in `GET /`.")
            .Accepts<Dictionary<string, float[][]>>("application/json", "*/*");
        centroids.MapPost("/train", TrainAsync).WithName("Train")
            .WithSummary("Trains centroids, one a shard, from what is stored, or from texts or vectors given in the body.")
            .WithDescription("Stored points are moved in the background: see `migration` in `GET /`.")
            .Accepts<TrainBody>(isOptional: true, "application/json", "*/*");
    }

    static async Task<Ok<CentroidsAnswer>> SetAsync(
        JsonBody<Dictionary<string, JsonElement>> body, CollectionKeeper keeper, ShardSurvey survey, ClusterView view,
        CancellationToken cancellationToken)
    {
        RequireSteady(view);
        var (shards, vectors) = Parse(body.Value, view);
        var shape = view.Collection?.Shape ?? ShapeFor(vectors[0].Length);
        Check(vectors, shape);
        await DefineAsync(shape, keeper, view, cancellationToken);
        var state = await keeper.SetCentroidsAsync(
            new() { CentroidShards = shards, Centroids = [.. vectors.SelectMany(vector => VectorBytes.From(vector))] },
            cancellationToken);
        return TypedResults.Ok(new CentroidsAnswer(state.Epoch, shards.Length, await MigrationAsync(survey, cancellationToken)));
    }

    static async Task<Ok<TrainAnswer>> TrainAsync(
        HttpContext context, CollectionKeeper keeper, ShardSurvey survey, ClusterView view, CancellationToken cancellationToken)
    {
        var body = context.Request.ContentLength is 0 || !context.Request.Body.CanRead
            ? new TrainBody()
            : (await TrainRequest.BindAsync(context));
        RequireSteady(view);
        TrainRequest.Check(body, view.ShardCount);
        if (body.Texts is null && body.Vectors is null && view.Collection is null)
            throw ProblemException.Conflict("There are no stored points to train from. Give \"texts\" or \"vectors\" in the body.");
        var shape = view.Collection?.Shape ?? TrainRequest.ShapeFor(body, view);
        if (body.Vectors is not null)
            Check(body.Vectors, shape);
        var stored = (await survey.AskAllAsync(cancellationToken)).Sum(shard => shard?.Points ?? 0);
        var trained = await keeper.TrainAsync(TrainRequest.ToMessage(body, shape, view), cancellationToken);
        await DefineAsync(shape, keeper, view, cancellationToken);
        var state = await keeper.SetCentroidsAsync(
            new()
            {
                CentroidShards = [.. Enumerable.Range(0, view.ShardCount)],
                Centroids = trained.Centroids,
                CentroidOffsets = trained.Offsets,
                TrainedPoints = Math.Max(body.SampledFrom ?? trained.SampleCount, stored),
            },
            cancellationToken);
        var migration = await MigrationAsync(survey, cancellationToken);
        return TypedResults.Ok(new TrainAnswer(state.Epoch, trained.SampleCount, state.ShardCount, migration));
    }

    /// <summary>A shard that does not answer may hold points: it moves them when it is back.</summary>
    static async Task<MigrationAnswer> MigrationAsync(ShardSurvey survey, CancellationToken cancellationToken) =>
        new((await survey.AskAllAsync(cancellationToken)).Any(shard => shard is not { Points: 0 }));

    /// <summary>Makes the collection where there is none; last, so that a refused request leaves none behind.</summary>
    static async Task DefineAsync(CollectionShape shape, CollectionKeeper keeper, ClusterView view, CancellationToken cancellationToken)
    {
        var state = view.Collection ?? await keeper.DefineAsync(shape, cancellationToken);
        if (state.Shape.Dimensions != shape.Dimensions || state.Shape.Metric != shape.Metric)
            throw ProblemException.Conflict($"Meanwhile the collection was made with vectors of {state.Shape.Dimensions}; "
                + $"these centroids have {shape.Dimensions} numbers. Look at GET / and try again.");
    }

    /// <summary>A change of the number of shards brings centroids of its own; the keeper refuses others meanwhile.</summary>
    static void RequireSteady(ClusterView view)
    {
        if (view.Collection?.Change is { } change)
            throw ProblemException.Conflict($"The number of shards is being changed from {change.From} to {change.To}, with new centroids: "
                + "wait until GET /shards shows it done, then try again.");
    }

    internal static CollectionShape ShapeFor(int dimensions) => new() { Dimensions = dimensions };

    static void Check(IReadOnlyList<float[]> vectors, CollectionShape shape)
    {
        for (var i = 0; i < vectors.Count; i++)
            if (VectorChecks.Problem(vectors[i], shape) is { } problem)
                throw ProblemException.OutOfRange($"Vector {i} {problem}.");
    }

    static (int[] Shards, float[][] Vectors) Parse(Dictionary<string, JsonElement> body, ClusterView view)
    {
        var shards = new List<int>();
        var vectors = new List<float[]>();
        foreach (var (name, value) in body)
        {
            if (!int.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var shard) || shard >= view.ShardCount)
                throw ProblemException.OutOfRange($"\"{name}\" is not a shard; they are 0 to {view.ShardCount - 1}.");
            foreach (var vector in VectorsOf(name, value))
            {
                if (VectorChecks.Problem(vector) is { } problem)
                    throw ProblemException.OutOfRange($"The centroid of shard {shard} {problem}.");
                if (vectors.Count > 0 && vector.Length != vectors[0].Length)
                    throw ProblemException.OutOfRange(
                        $"The centroids differ in size: {vectors[0].Length} and {vector.Length} numbers.");
                shards.Add(shard);
                vectors.Add(vector);
            }
        }
        var missing = Enumerable.Range(0, view.ShardCount).Except(shards).ToList();
        return missing.Count == 0
            ? ([.. shards], [.. vectors])
            : throw ProblemException.OutOfRange(
                (missing.Count == 1 ? $"Shard {missing[0]} has" : $"Shards {string.Join(", ", missing)} have") + " no centroid; "
                + $"give each of the {view.ShardCount} shards at least one.");
    }

    static float[][] VectorsOf(string shard, JsonElement value)
    {
        try
        {
            return value.ValueKind == JsonValueKind.Array && value.GetArrayLength() > 0 && value[0].ValueKind == JsonValueKind.Array
                ? value.Deserialize<float[][]>(HttpJson.Options)!
                : [value.Deserialize<float[]>(HttpJson.Options) ?? []];
        }
        catch (JsonException)
        {
            throw ProblemException.Malformed($"The centroid of shard {shard} is neither a list of numbers nor a list of such lists.");
        }
    }
}
