using System.Text.Json.Serialization;
using VectorDb.Contracts.Blocks;

namespace VectorDb.Contracts;

/// <summary>
/// One operation that stores points. Sent by Query.Api (or the bulk loader), consumed by the embedding and routing worker.
/// Arriving twice: the ids' homes remember the operation, so the same versions are given and nothing is stored twice.
/// </summary>
public sealed record StoreVector
{
    public required Guid OperationId { get; init; }

    public string Collection { get; init; } = CollectionShape.DefaultName;

    /// <summary>Newest revision of the collection that the sender has seen: the router catches up to it before it routes.</summary>
    public long Revision { get; init; }

    /// <summary>Where the fate of each point is told; null when nobody waits.</summary>
    public Uri? ReplyTo { get; init; }

    /// <summary>Keep the points in this shard whatever the centroids say; null to route.</summary>
    public int? Shard { get; init; }

    [JsonConverter(typeof(StorePointBlock))]
    public required IReadOnlyList<StorePoint> Points { get; init; }
}

/// <summary>A point to store: a vector, or a text to embed. Checked by the sender before the message exists.</summary>
public sealed record StorePoint
{
    /// <summary>The point's number within its operation, which may span several messages.</summary>
    public required int Ordinal { get; init; }

    /// <summary>Key of the id (<see cref="PointId.ToKey"/>).</summary>
    public required byte[] Id { get; init; }

    /// <summary>float32 little-endian, length = dimensions of the collection; null when there is a text to embed.</summary>
    public byte[]? Vector { get; init; }

    public string? Text { get; init; }

    /// <summary>A JSON object.</summary>
    public string? Payload { get; init; }

    /// <summary>
    /// Set when a row is moved to where it belongs: the version that it has. It is stored only while no later operation has
    /// claimed the id, so that a move never overrides what somebody wrote meanwhile.
    /// </summary>
    public long? MovedVersion { get; init; }
}

/// <summary>
/// Points that cannot be stored, found out after the message existed (no model, another model). Sent by the router to whoever
/// waits. Arriving twice: the second is ignored.
/// </summary>
public sealed record PointsRejected
{
    public required IReadOnlyList<RejectedPoint> Points { get; init; }
}

/// <summary>A point that was not stored, and why.</summary>
public sealed record RejectedPoint
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>A sentence that says what to do.</summary>
    public required string Reason { get; init; }
}
