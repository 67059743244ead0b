namespace VectorDb.Contracts;

/// <summary>
/// A shard is open and its queues exist. Published by its worker at start and every few seconds; consumed by every API and
/// router, which are ready only when they have heard of every shard. Arriving twice: it only refreshes.
/// </summary>
public sealed record ShardAnnounced
{
    public required int Shard { get; init; }

    /// <summary>How many shards that worker believes there are: one that believes otherwise must not be mixed in.</summary>
    public required int ShardCount { get; init; }

    /// <summary>The number comes from the keeper and not from settings, which may be older than a change of it.</summary>
    public bool IsCountLearned { get; init; }

    /// <summary>Where the shard answers for itself over HTTP; null where it does not.</summary>
    public string? Url { get; init; }

    /// <summary>Which replica of the shard this is, from 0.</summary>
    public int Replica { get; init; }

    /// <summary>How many replicas that worker was told a shard has.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>One of <see cref="ReplicaStates"/>.</summary>
    public string State { get; init; } = ReplicaStates.InSync;

    /// <summary>Who takes part, as this replica knows it; null where shards have no replicas.</summary>
    public ReplicaMembers? Members { get; init; }

    /// <summary>
    /// How far a replica that has no complete copy had come: when all lack one, the furthest is where the others copy from.
    /// </summary>
    public long LastVersion { get; init; }

    /// <summary>New with each start: what is announced is true of that life only.</summary>
    public Guid Life { get; init; }

    /// <summary>
    /// The process, new with each start, by which shards that can be asked in one message are known; null from a build of before.
    /// </summary>
    public Guid? Worker { get; init; }
}

/// <summary>
/// A router is up, with this model. Published at start and every few seconds; consumed by every API, and by the
/// shards' workers, which publish the sketches that it lacks. Arriving twice: it only refreshes.
/// </summary>
public sealed record RouterAnnounced
{
    public required Guid Instance { get; init; }

    public required string Model { get; init; }

    public required string ModelChecksum { get; init; }

    public required int Dimensions { get; init; }

    public required int MaxTokens { get; init; }

    /// <summary>
    /// For each shard, from 0, the revision of the sketch that this router has of it; 0, or left out at the end, where it has none. Null
    /// from a router of before, which has no use for sketches.
    /// </summary>
    public long[]? SketchRevisions { get; init; }
}

/// <summary>Asks a shard how it is. Sent by Query.Api to its search queue; answered with <see cref="ShardDescribed"/>.</summary>
public sealed record DescribeShard
{
    public required int Shard { get; init; }
}

/// <summary>Counts and sizes of a shard at this moment.</summary>
public sealed record ShardDescribed
{
    public required int Shard { get; init; }

    public required long Points { get; init; }

    public required long DirectoryEntries { get; init; }

    public required long Tombstones { get; init; }

    public required long Quarantined { get; init; }

    public required long IndexBytes { get; init; }

    public required long FileBytes { get; init; }

    /// <summary>"ready", or in words what the index is doing or what is wrong with it; null from a shard of before.</summary>
    public string? Index { get; init; }

    /// <summary>Rows that were placed by earlier centroids and have not been looked at since: at most these are to be moved.</summary>
    public long RowsToCheck { get; init; }

    /// <summary>Rows that left for other shards since the centroids changed or the process started.</summary>
    public long RowsMoved { get; init; }
}

/// <summary>
/// Asks a shard for some of its vectors, to train from. Sent by the router to its search queue; answered with
/// <see cref="VectorsSampled"/>. Changes nothing.
/// </summary>
public sealed record SampleVectors
{
    public required int Shard { get; init; }

    /// <summary>At most so many, and at most <see cref="Limits.TrainingBytesMax"/> bytes of them.</summary>
    public required int Count { get; init; }

    /// <summary>The same seed draws the same rows while they do not change.</summary>
    public required int Seed { get; init; }
}

/// <summary>Vectors of random live rows.</summary>
public sealed record VectorsSampled
{
    /// <summary>float32 little-endian, one after another.</summary>
    public required byte[] Vectors { get; init; }

    /// <summary>Rows that the shard has.</summary>
    public required long Points { get; init; }
}
