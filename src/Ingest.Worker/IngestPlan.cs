using VectorDb.Contracts;

namespace VectorDb.IngestWorker;

/// <summary>What to send for a batch of operations: first claims, then, with the grants, one batch of rows a target shard.</summary>
public sealed class IngestPlan
{
    readonly CollectionState _state;
    readonly List<List<RoutedPoint>> _byHome;

    internal IngestPlan(
        CollectionState state, IReadOnlyList<RoutedPoint> routed, IReadOnlyList<(Uri? ReplyTo, RejectedPoint Point)> rejected)
    {
        _state = state;
        _byHome = [.. routed.GroupBy(point => point.Home).Select(group => group.ToList())];
        Claims = [.. _byHome.Select(points => new ClaimIds { Shard = points[0].Home, Claims = [.. points.Select(ClaimOf)] })];
        Refusals = [.. rejected.Where(item => OperationId.IsRecorded(item.Point.OperationId))
            .GroupBy(item => Home.Of(item.Point.OperationId, state.ShardCount), item => item.Point)
            .Select(group => new RecordRejections { Shard = group.Key, Points = [.. group] })];
        Rejections = [.. rejected.Where(item => item.ReplyTo is not null).GroupBy(item => item.ReplyTo!)
            .Select(group => (group.Key, new PointsRejected { Points = [.. group.Select(item => item.Point)] }))];
    }

    /// <summary>One a home.</summary>
    public IReadOnlyList<ClaimIds> Claims { get; }

    /// <summary>Kept for those who ask later, one for each shard that keeps them.</summary>
    public IReadOnlyList<RecordRejections> Refusals { get; }

    /// <summary>Told to those who wait.</summary>
    public IReadOnlyList<(Uri ReplyTo, PointsRejected Message)> Rejections { get; }

    /// <summary>
    /// The rows, in batches of a good size. `grants`: the answers to <see cref="Claims"/>, in the same order. A grant may name
    /// another target than was asked: that of the first delivery of the same operation.
    /// </summary>
    public IEnumerable<UpsertPoints> Upserts(IReadOnlyList<IdsClaimed> grants)
    {
        var rows = new List<(int Target, bool IsAsPlanned, UpsertPoint Row)>();
        for (var home = 0; home < _byHome.Count; home++)
            for (var i = 0; i < _byHome[home].Count; i++)
                if (grants[home].Grants[i].Version > 0)
                    rows.Add(RouteOf(_byHome[home][i], grants[home].Grants[i]));
        foreach (var target in rows.GroupBy(row => (row.Target, row.IsAsPlanned)))
            foreach (var batch in PointBatches.Cut([.. target.Select(row => row.Row)], BytesOf))
                yield return new()
                {
                    Shard = target.Key.Target,
                    Collection = _state.Shape,
                    // A row that goes where an earlier delivery was to go may not belong there any more: the migration looks at it.
                    Epoch = target.Key.IsAsPlanned ? _state.Epoch : 0,
                    ShardCount = _state.ShardCount,
                    Points = batch,
                };
    }

    static int BytesOf(UpsertPoint row) =>
        row.Id.Length + row.Vector.Length + PointBatches.BytesOf(row.Text) + PointBatches.BytesOf(row.Payload);

    static IdClaim ClaimOf(RoutedPoint point) => new()
    {
        OperationId = point.OperationId,
        Ordinal = point.Ordinal,
        Id = point.Point.Id,
        Target = point.Target,
        OnlyIfVersion = point.Point.MovedVersion,
    };

    static (int Target, bool IsAsPlanned, UpsertPoint Row) RouteOf(RoutedPoint point, IdGrant grant) =>
        (grant.Target, grant.Target == point.Target, RowOf(point, grant));

    static UpsertPoint RowOf(RoutedPoint point, IdGrant grant) => new()
    {
        OperationId = point.OperationId,
        Ordinal = point.Ordinal,
        ReplyTo = point.Operation.ReplyTo,
        Id = point.Point.Id,
        Version = grant.Version,
        Vector = point.Vector!,
        Text = point.Point.Text,
        Payload = point.Point.Payload,
        OtherPlaces = grant.OtherPlaces,
        IsPast = grant.IsPast,
    };
}
