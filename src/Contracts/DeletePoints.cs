namespace VectorDb.Contracts;

/// <summary>
/// Deletes points. Sent by Query.Api to the directory queue of the ids' home, which gives the delete its version and tells every
/// place to evict. Arriving twice: the first version is given again and the places are told again.
/// </summary>
public sealed record DeletePoints
{
    /// <summary>The home.</summary>
    public required int Shard { get; init; }

    public required int ShardCount { get; init; }

    public required Guid OperationId { get; init; }

    public Uri? ReplyTo { get; init; }

    public required IReadOnlyList<DeletePoint> Points { get; init; }
}

/// <summary>One id to delete.</summary>
public sealed record DeletePoint
{
    public required int Ordinal { get; init; }

    public required byte[] Id { get; init; }
}

/// <summary>
/// The home has recorded deletes. Sent by it to whoever waits. Arriving twice: the second is ignored.
/// </summary>
public sealed record PointsDeleted
{
    /// <summary>The home.</summary>
    public required int Shard { get; init; }

    public required Guid OperationId { get; init; }

    public required IReadOnlyList<DeletedPoint> Points { get; init; }
}

/// <summary>One delete.</summary>
public sealed record DeletedPoint
{
    public required int Ordinal { get; init; }

    public required long Version { get; init; }

    /// <summary>False where there was nothing to delete.</summary>
    public required bool Existed { get; init; }

    /// <summary>Shards whose <see cref="PointsEvicted"/> must also arrive before the delete is complete.</summary>
    public int[] Evicting { get; init; } = [];
}
