using System.Text.Json.Serialization;
using VectorDb.Contracts.Blocks;

namespace VectorDb.Contracts;

/// <summary>
/// Rows for one shard. Sent by the router (and by migrations) to the shard's write queue. Arriving twice, late or out of order:
/// a row is applied only if its version is higher than what the shard has, so nothing changes.
/// </summary>
public sealed record UpsertPoints
{
    public required int Shard { get; init; }

    public required CollectionShape Collection { get; init; }

    /// <summary>The centroids under which the rows were routed here.</summary>
    public required int Epoch { get; init; }

    /// <summary>For finding the homes, where evicted places are released.</summary>
    public required int ShardCount { get; init; }

    [JsonConverter(typeof(UpsertPointBlock))]
    public required IReadOnlyList<UpsertPoint> Points { get; init; }
}

/// <summary>One row, with its version and the places that must give up older ones.</summary>
public sealed record UpsertPoint
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    public Uri? ReplyTo { get; init; }

    public required byte[] Id { get; init; }

    public required long Version { get; init; }

    /// <summary>float32 little-endian, length = dimensions of the collection.</summary>
    public required byte[] Vector { get; init; }

    public string? Text { get; init; }

    public string? Payload { get; init; }

    /// <summary>The shard tells these to evict, after its own commit: so the point is never away from everywhere.</summary>
    public int[] OtherPlaces { get; init; } = [];

    /// <summary>Not to be stored, because it was replaced; only to be answered.</summary>
    public bool IsPast { get; init; }
}

/// <summary>
/// Rows are on disk and searchable. Sent by the shard to whoever waits, after the commit. Arriving twice: the second is ignored.
/// </summary>
public sealed record PointsStored
{
    public required int Shard { get; init; }

    /// <summary>The replica of the shard that says so.</summary>
    public int Replica { get; init; }

    /// <summary>The replicas that must all say so; null where the shard has one only.</summary>
    public ReplicaMembers? Members { get; init; }

    [JsonConverter(typeof(StoredPointBlock))]
    public required IReadOnlyList<StoredPoint> Points { get; init; }
}

/// <summary>One stored row.</summary>
public sealed record StoredPoint
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    public required long Version { get; init; }

    /// <summary>Shards whose <see cref="PointsEvicted"/> must also arrive before the operation is complete.</summary>
    public int[] Evicting { get; init; } = [];
}
