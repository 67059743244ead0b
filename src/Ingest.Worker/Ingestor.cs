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
        Embed(pending, shape, rejected, cancellationToken);
        var routed = pending.Where(point => point.Vector is not null).ToList();
        foreach (var point in routed)
        {
            point.Home = Home.Of(point.Point.Id, router.State.ShardCount);
            point.Target = point.Operation.Shard ?? router.OwnerOf(VectorBytes.ToFloats(point.Vector), point.Point.Id);
        }
        return new(router.State, routed, rejected);
    }

    void Embed(
        List<RoutedPoint> points, CollectionShape shape, List<(Uri?, RejectedPoint)> rejected, CancellationToken cancellationToken)
    {
        var model = embedder.Model;
        var textProblem = VectorChecks.TextProblem(shape, model.Name, model.Checksum, model.Dimensions);
        var texts = new List<RoutedPoint>();
        foreach (var point in points)
        {
            var problem = point.Vector is not null ? VectorChecks.SizeProblem(point.Vector, shape) : textProblem;
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
