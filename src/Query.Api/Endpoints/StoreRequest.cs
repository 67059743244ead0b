using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>What can be refused about a store, refused before a message exists: nothing of a refused request is stored.</summary>
static class StoreRequest
{
    public static IReadOnlyList<PointInput> Points(StoreBody body)
    {
        if (body.Points is null)
            return body.Id is { } id
                ? [new PointInput { Id = id, Vector = body.Vector, Text = body.Text, Payload = body.Payload }]
                : throw ProblemException.Malformed("There is no id; give \"id\" with \"vector\" or \"text\", or \"points\": [...].");
        if (body.Id is not null || body.Vector is not null || body.Text is not null || body.Payload is not null)
            throw ProblemException.Malformed("Give either one point (id, vector or text) or \"points\", not both.");
        if (body.Points.Any(point => point is null))
            throw ProblemException.Malformed("A point in \"points\" is null; give objects with id and vector or text.");
        return body.Points.Count is > 0 and <= Limits.PointsPerRequestMax
            ? body.Points
            : throw ProblemException.OutOfRange(
                $"\"points\" has {body.Points.Count} points; give 1 to {Limits.PointsPerRequestMax} a request.");
    }

    /// <summary>Each point by itself.</summary>
    public static void CheckAlone(IReadOnlyList<PointInput> points)
    {
        for (var i = 0; i < points.Count; i++)
            if (points[i].Problem() is { } problem)
                throw Refuse(points, i, problem);
    }

    /// <summary>Before a collection exists all vectors of the request must have one size, the model's if there are texts.</summary>
    public static void CheckSizes(IReadOnlyList<PointInput> points, ClusterView view)
    {
        if (view.Collection is not null)
            return;
        var hasText = points.Any(point => point.Vector is null);
        var size = hasText ? view.Router?.Dimensions : points[0].Vector!.Length;
        if (size is not { } dimensions)
            throw ProblemException.Unavailable("The embedding worker has not been heard of yet; try again in a moment.");
        CheckAgainst(points, new CollectionShape { Dimensions = dimensions });
    }

    public static void CheckAgainst(IReadOnlyList<PointInput> points, CollectionState state, RouterAnnounced? router)
    {
        CheckAgainst(points, state.Shape);
        var text = Enumerable.Range(0, points.Count).FirstOrDefault(i => points[i].Vector is null, -1);
        if (text < 0)
            return;
        if (router is null)
            throw ProblemException.Unavailable("The embedding worker has not been heard of yet; try again in a moment.");
        if (VectorChecks.TextProblem(state.Shape, router.Model, router.ModelChecksum, router.Dimensions) is { } problem)
            throw Refuse(points, text, problem);
    }

    static void CheckAgainst(IReadOnlyList<PointInput> points, CollectionShape shape)
    {
        for (var i = 0; i < points.Count; i++)
            if (points[i].Vector is { } vector && VectorChecks.Problem(vector, shape) is { } problem)
                throw Refuse(points, i, problem);
    }

    public static IReadOnlyList<StorePoint> ToMessages(IReadOnlyList<PointInput> points) => [.. points.Select((point, i) =>
        new StorePoint
        {
            Ordinal = i,
            Id = point.Id.ToKey(),
            Vector = point.Vector is null ? null : VectorBytes.From(point.Vector),
            Text = point.Text,
            Payload = point.PayloadJson(),
        })];

    static ProblemException Refuse(IReadOnlyList<PointInput> points, int index, string problem) =>
        ProblemException.OutOfRange(points.Count == 1
            ? $"The point {points[index].Id} {problem}."
            : $"points[{index}] (id {points[index].Id}) {problem}. None of the {points.Count} points was stored.");
}
