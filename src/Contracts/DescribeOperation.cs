namespace VectorDb.Contracts;

/// <summary>
/// Asks a shard what became of an operation's points, as far as it knows. Sent by Query.Api or the bulk loader to the search
/// queue of every shard; answered with <see cref="OperationDescribed"/>. Arriving twice: answered twice.
/// </summary>
public sealed record DescribeOperation
{
    public required int Shard { get; init; }

    public required Guid OperationId { get; init; }
}

/// <summary>What one shard knows of an operation. Points that no shard names are still under way.</summary>
public sealed record OperationDescribed
{
    public required int Shard { get; init; }

    /// <summary>Ordinals of the points that this shard has stored or, as their home, deleted: an <see cref="OrdinalBits"/>.</summary>
    public required byte[] Stored { get; init; }

    /// <summary>Refusals recorded here, one for each reason.</summary>
    public required IReadOnlyList<RefusedPoints> Refused { get; init; }
}

/// <summary>Points of an operation that were refused for the same reason.</summary>
public sealed record RefusedPoints
{
    /// <summary>A clause that says what is wrong and what to do.</summary>
    public required string Reason { get; init; }

    /// <summary>An <see cref="OrdinalBits"/>.</summary>
    public required byte[] Ordinals { get; init; }
}

/// <summary>
/// Refusals to be kept, for those who ask later. Sent by the router to the directory queue of the operation's
/// <see cref="Home"/>, before it gives the points up. Arriving twice: recorded twice, and told once.
/// </summary>
public sealed record RecordRejections
{
    public required int Shard { get; init; }

    public required IReadOnlyList<RejectedPoint> Points { get; init; }
}
