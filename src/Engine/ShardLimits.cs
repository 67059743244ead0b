namespace VectorDb.Engine;

/// <summary>What a shard takes; callers refuse what is beyond before they send it.</summary>
public static class ShardLimits
{
    /// <summary>Numbers in a vector.</summary>
    public const int DimensionsMax = 65_536;

    /// <summary>Hits of one query.</summary>
    public const int TopKMax = 10_000;

    /// <summary>Bytes of a key: an id of 512 bytes and what its encoding adds.</summary>
    public const int KeyBytesMax = 1_024;

    /// <summary>
    /// L2 norm of a vector or query for dot and Euclid: two at most that long have a product and a squared distance
    /// inside float32 (4e36 against 3.4e38), partial sums included, so no score is ever infinite or NaN. Cosine takes
    /// any finite vector but zero.
    /// </summary>
    public const double VectorLengthMax = 1e18;
}
