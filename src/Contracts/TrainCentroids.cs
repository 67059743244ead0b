namespace VectorDb.Contracts;

/// <summary>
/// Finds centroids for a sample, one a shard. Sent by Query.Api to the router; answered with <see cref="CentroidsTrained"/>.
/// Changes nothing by itself, so arriving twice only costs time.
/// </summary>
public sealed record TrainCentroids
{
    /// <summary>Vectors one after another, float32 little-endian; null when there are texts to embed.</summary>
    public byte[]? Vectors { get; init; }

    public IReadOnlyList<string>? Texts { get; init; }

    /// <summary>Without texts and vectors: the share of the stored points to draw from the shards, at most 1.</summary>
    public double StoredShare { get; init; }

    public required int Dimensions { get; init; }

    public string Metric { get; init; } = "Cosine";

    public required int ShardCount { get; init; }

    /// <summary>How many shards to draw stored points from, where that differs from how many get a centroid; null for as many.</summary>
    public int? SampledShards { get; init; }

    /// <summary>The same seed and sample give the same centroids.</summary>
    public int Seed { get; init; } = 1;
}

/// <summary>One centroid a shard, in shard order.</summary>
public sealed record CentroidsTrained
{
    public required byte[] Centroids { get; init; }

    /// <summary>One a centroid: what keeps the shards in balance (<see cref="Placement"/>).</summary>
    public float[] Offsets { get; init; } = [];

    public required int SampleCount { get; init; }
}

/// <summary>A request that cannot be carried out as asked; the reason says what to do.</summary>
public sealed record RequestRefused
{
    public required string Reason { get; init; }

    /// <summary>True when the caller asked wrongly, false when this side is not ready.</summary>
    public bool IsCallersFault { get; init; }
}
