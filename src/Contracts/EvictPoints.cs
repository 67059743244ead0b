namespace VectorDb.Contracts;

/// <summary>
/// Rows below a version must go, because a newer one lives elsewhere or the point was deleted. Sent to a shard's write queue by
/// the shard that committed the newer row, or by the home on a delete. Arriving twice or late: a row of the version or above
/// stays; a tombstone keeps older rows from coming back.
/// </summary>
public sealed record EvictPoints
{
    public required int Shard { get; init; }

    public required int ShardCount { get; init; }

    public required IReadOnlyList<EvictPoint> Points { get; init; }
}

/// <summary>One id to evict below a version.</summary>
public sealed record EvictPoint
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    public Uri? ReplyTo { get; init; }

    public required byte[] Id { get; init; }

    public required long Version { get; init; }
}

/// <summary>
/// Older rows are gone from a shard. Sent by it to whoever waits, after the commit. Arriving twice: the second is ignored.
/// </summary>
public sealed record PointsEvicted
{
    public required int Shard { get; init; }

    /// <summary>The replica of the shard that says so.</summary>
    public int Replica { get; init; }

    /// <summary>The replicas that must all say so; null where the shard has one only.</summary>
    public ReplicaMembers? Members { get; init; }

    public required IReadOnlyList<EvictedPoint> Points { get; init; }
}

/// <summary>One point whose older row is gone.</summary>
public sealed record EvictedPoint
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }
}
