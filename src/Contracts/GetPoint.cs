namespace VectorDb.Contracts;

/// <summary>
/// Finds a point by its id. Sent by Query.Api to the search queue of the id's home. Where one shard holds the point, the home
/// passes the question on to it (or answers, if it is that shard itself) and the API gets <see cref="PointRead"/>; where several
/// may, the API gets <see cref="PointLocated"/> and asks each. Arriving twice: answered twice.
/// </summary>
public sealed record GetPoint
{
    /// <summary>The home.</summary>
    public required int Shard { get; init; }

    public required byte[] Id { get; init; }

    public bool WithVector { get; init; } = true;
}

/// <summary>Where a point may be: the home's answer while it is being written or moved, or when there is none.</summary>
public sealed record PointLocated
{
    /// <summary>The directory knows no live point of this id.</summary>
    public required bool IsUnknown { get; init; }

    public required IReadOnlyList<PlaceOfPoint> Places { get; init; }
}

/// <summary>A shard that may hold a row, and the version of the latest claim that targeted it.</summary>
public sealed record PlaceOfPoint
{
    public required int Shard { get; init; }

    public required long Version { get; init; }
}

/// <summary>Asks one shard for its row of an id. Sent by the home or by Query.Api. Arriving twice: answered twice.</summary>
public sealed record ReadPoint
{
    public required int Shard { get; init; }

    public required byte[] Id { get; init; }

    public bool WithVector { get; init; } = true;

    /// <summary>Version of the latest claim that targeted this shard, given back with the answer.</summary>
    public long ClaimedVersion { get; init; }
}

/// <summary>A shard's row of an id, or what it has instead.</summary>
public sealed record PointRead
{
    public required int Shard { get; init; }

    /// <summary>The row is here and live.</summary>
    public required bool IsLive { get; init; }

    /// <summary>The row is here but its checksum does not match.</summary>
    public bool IsDamaged { get; init; }

    /// <summary>Version of the row or tombstone; 0 where there is neither.</summary>
    public required long Version { get; init; }

    public long ClaimedVersion { get; init; }

    public byte[]? Vector { get; init; }

    public string? Text { get; init; }

    public string? Payload { get; init; }
}
