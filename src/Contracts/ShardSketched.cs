namespace VectorDb.Contracts;

/// <summary>
/// What a shard's vectors look like from afar: sub-clusters with means, sizes and spreads, from which a router guesses how many of a
/// search's nearest points the shard has (docs/decisions/0072). Published by the shard's worker when the sketch is made or has changed, and
/// again when a router announces that it has another; consumed by every router. Arriving twice or late: within a life the higher revision
/// stays. Numbers are little-endian; k sub-clusters, r axes, d dimensions. At most 512 KiB of vectors.
/// </summary>
public sealed record ShardSketched
{
    public required int Shard { get; init; }

    /// <summary>New with each start of the shard: revisions of two lives say nothing about which is newer.</summary>
    public required Guid Life { get; init; }

    public required long Revision { get; init; }

    /// <summary>
    /// The epoch of the centroids that had placed all rows when the sketch was made. Under another one it says nothing.
    /// </summary>
    public required int Epoch { get; init; }

    public required int Dimensions { get; init; }

    /// <summary>d float32: where the means lie around.</summary>
    public required byte[] Center { get; init; }

    /// <summary>k x d signed bytes (<see cref="VectorCodes"/>): the mean of each sub-cluster less the center.</summary>
    public required byte[] Means { get; init; }

    /// <summary>k float32: the scale of each mean.</summary>
    public required byte[] MeanScales { get; init; }

    /// <summary>k float32: rows of each sub-cluster, whole numbers that add up to the shard's rows.</summary>
    public required byte[] Counts { get; init; }

    /// <summary>k float32: the mean squared distance of a sub-cluster's vectors to its mean.</summary>
    public required byte[] Spreads { get; init; }

    /// <summary>The variance of these squared distances within their sub-clusters, over the whole shard.</summary>
    public required float SpreadVariance { get; init; }

    /// <summary>
    /// r x d signed bytes: directions, at right angles and of norm 1, along which vectors leave their means the furthest.
    /// </summary>
    public required byte[] Axes { get; init; }

    /// <summary>r float32: the scale of each axis.</summary>
    public required byte[] AxisScales { get; init; }

    /// <summary>r float32: which part of the spread lies along each axis. The rest is the same in all other directions.</summary>
    public required byte[] AxisShares { get; init; }
}
