namespace VectorDb.Engine;

/// <summary>A point as a shard is asked to keep it, or as it keeps it.</summary>
public sealed record PointRow
{
    public required PointKey Key { get; init; }

    /// <summary>Given by the id's home; a row replaces another of its key only if its version is higher.</summary>
    public required long Version { get; init; }

    /// <summary>The set of centroids under which the row was placed here; 0 before any were set.</summary>
    public int Epoch { get; init; }

    /// <summary>float32, length = dimensions of the collection. Cosine: normalised by the shard on write.</summary>
    public required float[] Vector { get; init; }

    /// <summary>A JSON object, as UTF-16 text; null if none.</summary>
    public string? Payload { get; init; }

    public string? Text { get; init; }
}

/// <summary>Where a row stands in the order of epochs and slots.</summary>
public readonly record struct RowPosition(int Epoch, long Slot)
{
    public static RowPosition Start { get; } = new(-1, -1);
}

/// <summary>A row that was placed by earlier centroids.</summary>
/// <param name="Position">To go on from.</param>
/// <param name="Row">Its vector is empty where the row is damaged.</param>
public sealed record EarlierRow(RowPosition Position, PointRow Row)
{
    public bool IsDamaged => Row.Vector.Length == 0;
}

/// <summary>What reading one key found: a live row, a trace that one was here, a damaged one, or nothing.</summary>
/// <param name="State">Which of these.</param>
/// <param name="Version">Version of the row or tombstone; 0 when absent.</param>
/// <param name="Row">The row when live. Its vector is null-free; empty when the caller did not ask for vectors.</param>
public readonly record struct PointReading(PointState State, long Version, PointRow? Row);

/// <summary>What a shard holds under a key.</summary>
public enum PointState
{
    Absent,
    Live,
    Tombstone,

    /// <summary>Its checksum did not match: never served, kept for inspection, replaced by the next higher version.</summary>
    Quarantined,
}
