using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker;

/// <summary>
/// Turns points into messages: embeds texts, finds each vector's shard, says what to claim, and makes the shards' batches from the
/// grants. Knows no bus. Points that cannot be stored are reported, never thrown.
/// </summary>
public sealed class Ingestor(IEmbedder embedder)
{
    /// <summary>Plans some operations together: one claim a home and one upsert a target, whatever their number.</summary>
    public IngestPlan Plan(IReadOnlyList<StoreVector> operations, ShardRouter router, CancellationToken cancellationToken)
    {
        var shape = router.State.Shape;
        var pending = operations.SelectMany(operation => operation.Points.Select(point => new RoutedPoint(operation, point))).ToList();
        var rejected = new List<(Uri? ReplyTo, RejectedPoint Point)>();
        Embed(pending, router.State, rejected, cancellationToken);
        var routed = pending.Where(point => point.Vector is not null).ToList();
        foreach (var point in routed)
        {
            point.Home = Home.Of(point.Point.Id, router.State.ShardCount);
            point.Target = point.Operation.Shard ?? router.OwnerOf(VectorBytes.ToFloats(point.Vector), point.Point.Id);
        }
        return new(router.State, routed, rejected);
    }

    void Embed(
        List<RoutedPoint> points, CollectionState state, List<(Uri?, RejectedPoint)> rejected, CancellationToken cancellationToken)
    {
        var (shape, shardCount) = (state.Shape, state.ShardCount);
        var model = embedder.Model;
        var textProblem = VectorChecks.TextProblem(shape, model.Name, model.Checksum, model.Dimensions);
        var texts = new List<RoutedPoint>();
        foreach (var point in points)
        {
            var problem = ShardProblem(point.Operation, shardCount)
                ?? (point.Vector is not null ? VectorProblem(point.Vector, shape) : textProblem);
            if (problem is not null)
            {
                point.Vector = null;
                rejected.Add((point.Operation.ReplyTo, point.Rejected(problem)));
            }
            else if (point.Vector is null)
                texts.Add(point);
        }
        if (texts.Count == 0)
            return;
        var embedded = embedder.Embed([.. texts.Select(point => point.Point.Text ?? "")], cancellationToken);
        for (var i = 0; i < texts.Count; i++)
            texts[i].Vector = VectorBytes.From(embedded[i].Vector);
    }

    /// <summary>The API checks this too; others may publish here, and a row that its shard refuses would have claimed its id.</summary>
    static string? VectorProblem(byte[] bytes, CollectionShape shape)
    {
        if (VectorChecks.SizeProblem(bytes, shape) is { } problem)
            return problem;
        var vector = VectorBytes.ToFloats(bytes);
        return VectorChecks.Problem(vector) ?? VectorChecks.Problem(vector, shape);
    }

    static string? ShardProblem(StoreVector operation, int shardCount) => operation.Shard is { } shard && (shard < 0 || shard >= shardCount)
        ? $"asks for shard {shard}, but the shards are 0 to {shardCount - 1}"
        : null;
}

/// <summary>A point on its way: where it comes from, its vector, where it goes.</summary>
public sealed class RoutedPoint(StoreVector operation, StorePoint point)
{
    public StoreVector Operation { get; } = operation;

    public StorePoint Point { get; } = point;

    /// <summary>float32 little-endian; null for a text that is not embedded, or was refused.</summary>
    public byte[]? Vector { get; set; } = point.Vector;

    public int Home { get; set; }

    public int Target { get; set; }

    /// <summary>
    /// A move names itself: whoever starts it again after a crash gets the versions that it got before, and finishes it.
    /// </summary>
    public Guid OperationId { get; } = point.MovedVersion is { } version ? Moves.OperationOf(point.Id, version) : operation.OperationId;

    public int Ordinal { get; } = point.MovedVersion is null ? point.Ordinal : 0;

    public RejectedPoint Rejected(string reason) =>
        new() { OperationId = Operation.OperationId, Ordinal = Point.Ordinal, Reason = reason };
}
