using System.Text;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>The body of `POST /train`: read, checked, thinned to what one message carries.</summary>
static class TrainRequest
{
    /// <summary>An empty body means the defaults.</summary>
    public static async Task<TrainBody> BindAsync(HttpContext context)
    {
        context.Request.EnableBuffering(bufferThreshold: 1 << 20, bufferLimit: Limits.BodyBytesMax);
        if (await context.Request.Body.ReadAsync(new byte[1].AsMemory(), context.RequestAborted) == 0)
            return new();
        context.Request.Body.Position = 0;
        return (await JsonBody<TrainBody>.BindAsync(context))!.Value;
    }

    public static void Check(TrainBody body, int shardCount)
    {
        if (body.Texts is not null && body.Vectors is not null)
            throw ProblemException.Malformed("Give texts or vectors to train from, not both.");
        if (!(body.Sample > 0 && body.Sample <= 1))
            throw ProblemException.OutOfRange($"sample is {body.Sample}; give a share above 0 and at most 1.");
        if (body.SampledFrom < 1)
            throw ProblemException.OutOfRange($"sampled_from is {body.SampledFrom}; give how many points the sample was drawn from.");
        if (body.Texts?.Any(text => text is null) == true || body.Vectors?.Any(vector => vector is null) == true)
            throw ProblemException.Malformed("The sample has a null in it; give texts or vectors only.");
        for (var i = 0; i < body.Vectors?.Count; i++)
            if (VectorChecks.Problem(body.Vectors[i]) is { } problem)
                throw ProblemException.OutOfRange($"vectors[{i}] {problem}.");
        if ((body.Texts?.Count ?? body.Vectors?.Count) is { } count && count < shardCount)
            throw ProblemException.OutOfRange((count == 0 ? "The sample is empty" : $"The sample is too small: {count}")
                + $"; give at least {shardCount} texts or vectors, one a shard, better hundreds.");
    }

    public static CollectionShape ShapeFor(TrainBody body, ClusterView view)
    {
        if (body.Vectors is not null)
        {
            var sizes = body.Vectors.Select(vector => vector.Length).Distinct().Take(2).ToList();
            return sizes.Count == 1
                ? CentroidEndpoints.ShapeFor(sizes[0])
                : throw ProblemException.OutOfRange($"The vectors differ in size: {sizes[0]} and {sizes[1]} numbers.");
        }
        var router = view.Router ?? throw ProblemException.Unavailable("The embedding worker has not been heard of yet; try again.");
        return new() { Dimensions = router.Dimensions, Model = router.Model, ModelChecksum = router.ModelChecksum };
    }

    public static TrainCentroids ToMessage(TrainBody body, CollectionShape shape, ClusterView view)
    {
        var vectorBytes = shape.Dimensions * sizeof(float);
        return new()
        {
            Dimensions = shape.Dimensions,
            Metric = shape.Metric,
            ShardCount = view.ShardCount,
            StoredShare = body.Sample,
            Texts = body.Texts is null ? null : Thin(body.Texts, Encoding.UTF8.GetByteCount),
            Vectors = body.Vectors is null
                ? null
                : [.. Thin(body.Vectors, _ => vectorBytes).SelectMany(vector => VectorBytes.From(vector))],
        };
    }

    /// <summary>Evenly chosen, as many as one message carries.</summary>
    static IReadOnlyList<T> Thin<T>(IReadOnlyList<T> sample, Func<T, int> bytesOf)
    {
        var bytes = sample.Sum(item => (long)bytesOf(item));
        var keep = Math.Min(Limits.TrainingSampleMax, sample.Count);
        keep = (int)Math.Max(1, Math.Min(keep, keep * (double)Limits.TrainingBytesMax / Math.Max(1, bytes * keep / sample.Count)));
        return keep == sample.Count
            ? sample
            : [.. Enumerable.Range(0, keep).Select(i => sample[(int)((long)i * sample.Count / keep)])];
    }
}
