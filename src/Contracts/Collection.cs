namespace VectorDb.Contracts;

/// <summary>What all vectors of a collection share.</summary>
public sealed record CollectionShape
{
    public const string DefaultName = "default";

    public string Name { get; init; } = DefaultName;

    public required int Dimensions { get; init; }

    /// <summary>Cosine, Dot or Euclid.</summary>
    public string Metric { get; init; } = "Cosine";

    /// <summary>The model that made the vectors; null where only vectors were stored so far.</summary>
    public string? Model { get; init; }

    /// <summary>SHA-256 of the model file, so that vectors of two models never mix.</summary>
    public string? ModelChecksum { get; init; }
}

/// <summary>A collection and where its points live. Kept by the keeper shard; everyone else has a copy.</summary>
public sealed record CollectionState
{
    public required CollectionShape Shape { get; init; }

    public required int ShardCount { get; init; }

    /// <summary>The number of the set of centroids: 0 before any were set, then one more with each set.</summary>
    public int Epoch { get; init; }

    /// <summary>For each centroid the shard that it stands for. Empty while there are none: points stay at their home.</summary>
    public int[] CentroidShards { get; init; } = [];

    /// <summary>The centroids one after another, float32 little-endian, in the order of <see cref="CentroidShards"/>.</summary>
    public byte[] Centroids { get; init; } = [];

    /// <summary>
    /// Added to the nearness of each centroid, so that no shard gets much more than its share (<see cref="Placement"/>); empty
    /// where centroids were set by hand.
    /// </summary>
    public float[] CentroidOffsets { get; init; } = [];

    /// <summary>
    /// How many points the centroids were made for: those stored when they were trained, or the sample where that was larger. Null where
    /// they were set by hand, or trained before this was kept.
    /// </summary>
    public long? TrainedPoints { get; init; }

    /// <summary>
    /// The sets of centroids before, as long as shards may hold rows that were placed by them. A search asks the shards that any
    /// of them would choose. Empty when no row is to be moved.
    /// </summary>
    public IReadOnlyList<PastPlacement> Previous { get; init; } = [];

    /// <summary>The shards all of whose rows are where <see cref="Epoch"/> wants them, while others are still moving theirs.</summary>
    public int[] MigratedShards { get; init; } = [];

    /// <summary>The change of the number of shards that is under way; null when there is none.</summary>
    public ShardChange? Change { get; init; }

    /// <summary>One more with each change: the highest is the newest.</summary>
    public long Revision { get; init; }
}

/// <summary>A set of centroids that was in force before; without centroids it may have placed a row anywhere.</summary>
public sealed record PastPlacement
{
    public required int Epoch { get; init; }

    public int[] CentroidShards { get; init; } = [];

    public byte[] Centroids { get; init; } = [];

    public float[] CentroidOffsets { get; init; } = [];
}

/// <summary>
/// A shard holds no row any more that was placed by centroids before this epoch, unless it belongs there. Sent by the shard to
/// the keeper's directory queue. Arriving twice, or after the next change of centroids: nothing happens.
/// </summary>
public sealed record ShardMigrated
{
    public string Name { get; init; } = CollectionShape.DefaultName;

    public required int Shard { get; init; }

    public required int Epoch { get; init; }
}

/// <summary>
/// Makes a collection if there is none, or adds the model to one that has none. Sent by Query.Api to the keeper's directory
/// queue; answered with <see cref="CollectionDefined"/>. Arriving twice: the first definition stays.
/// </summary>
public sealed record DefineCollection
{
    public required CollectionShape Shape { get; init; }
}

/// <summary>The collection as it now is, which may differ from what was asked: the first definition wins.</summary>
public sealed record CollectionDefined
{
    public required CollectionState State { get; init; }
}

/// <summary>Asks the keeper for a collection. Sent by API and router at start; answered with <see cref="CollectionFound"/>.</summary>
public sealed record GetCollection
{
    public string Name { get; init; } = CollectionShape.DefaultName;
}

/// <summary>The keeper's answer to <see cref="GetCollection"/>.</summary>
public sealed record CollectionFound
{
    /// <summary>Null where there is none yet.</summary>
    public CollectionState? State { get; init; }
}

/// <summary>
/// A collection is new or has changed. Published by the keeper; consumed by every API and router. Arriving twice or late: the
/// higher revision stays.
/// </summary>
public sealed record CollectionChanged
{
    public required CollectionState State { get; init; }
}

/// <summary>
/// Replaces the centroids. Sent by Query.Api to the keeper's directory queue; answered with <see cref="CentroidsSet"/>.
/// Arriving twice: the second sets the same centroids as a further epoch, which moves nothing.
/// </summary>
public sealed record SetCentroids
{
    public string Name { get; init; } = CollectionShape.DefaultName;

    public required int[] CentroidShards { get; init; }

    public required byte[] Centroids { get; init; }

    /// <summary>One a centroid, as training found them; empty for none.</summary>
    public float[] CentroidOffsets { get; init; } = [];

    /// <summary>As <see cref="CollectionState.TrainedPoints"/>; null for centroids that were not trained.</summary>
    public long? TrainedPoints { get; init; }
}

/// <summary>The collection with its new centroids.</summary>
public sealed record CentroidsSet
{
    public required CollectionState State { get; init; }
}
