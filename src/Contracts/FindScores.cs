namespace VectorDb.Contracts;

/// <summary>
/// Asks a shard for the scores of the rows that are nearest to some vectors: by those of all shards a router learns what "auto" may
/// leave out. Sent to the shard's search queue; answered with <see cref="ScoresFound"/>. Changes nothing.
/// </summary>
public sealed record FindScores
{
    public required int Shard { get; init; }

    /// <summary>float32 little-endian, one after another; at most <see cref="Limits.BatchBytesMax"/>.</summary>
    public required byte[] Vectors { get; init; }

    public required int TopK { get; init; }
}

/// <summary>Best first; TopK numbers a vector, one vector after another, NaN where the shard has fewer rows.</summary>
public sealed record ScoresFound
{
    /// <summary>float32 little-endian.</summary>
    public required byte[] Scores { get; init; }
}
