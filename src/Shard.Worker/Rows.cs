using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>Where messages and engine values meet.</summary>
static class Rows
{
    public static PointRow From(UpsertPoint point, int epoch) => new()
    {
        Key = new PointKey(point.Id),
        Version = point.Version,
        Epoch = epoch,
        Vector = VectorBytes.ToFloats(point.Vector),
        Payload = point.Payload,
        Text = point.Text,
    };

    /// <summary>A row that nobody waits for by message.</summary>
    public static UpsertPoint PointOf(PointRow row) => new()
    {
        OperationId = Guid.Empty,
        Ordinal = 0,
        Id = row.Key.Bytes,
        Version = row.Version,
        Vector = VectorBytes.From(row.Vector),
        Text = row.Text,
        Payload = row.Payload,
    };

    /// <summary>Without the model, which the keeper knows: a collection begun with vectors may get one later.</summary>
    public static CollectionSchema SchemaOf(CollectionShape shape) =>
        new(shape.Dimensions, Enum.Parse<Metric>(shape.Metric));

    public static SearchQuery QueryOf(ShardQuestion question) => new()
    {
        Vector = VectorBytes.ToFloats(question.Vector),
        TopK = question.TopK,
        WithPayload = question.WithPayload,
        WithVector = question.WithVector,
        Exact = question.Exact,
    };

    public static FoundPoint FoundOf(SearchHit hit) => new()
    {
        Id = hit.Key.Bytes,
        Version = hit.Version,
        Score = hit.Score,
        Payload = hit.Payload,
        Text = hit.Text,
        Vector = hit.Vector is null ? null : VectorBytes.From(hit.Vector),
    };

    public static PointRead ReadOf(PointReading reading, int shard, long claimedVersion, bool withVector) => new()
    {
        Shard = shard,
        IsLive = reading.State == PointState.Live,
        IsDamaged = reading.State == PointState.Quarantined,
        Version = reading.Version,
        ClaimedVersion = claimedVersion,
        Vector = withVector && reading.Row is { } row ? VectorBytes.From(row.Vector) : null,
        Text = reading.Row?.Text,
        Payload = reading.Row?.Payload,
    };
}
