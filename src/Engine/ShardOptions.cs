using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine;

/// <summary>How a shard is opened.</summary>
public sealed record ShardOptions
{
    /// <summary>The SQLite file; made, with its folder, if it does not exist.</summary>
    public required string Path { get; init; }

    /// <summary>The shard's number, written into the file and checked on every later open.</summary>
    public required int Number { get; init; }

    /// <summary>Claims remembered at least this long, so that a redelivered message gets its first answer.</summary>
    public TimeSpan ClaimRetention { get; init; } = TimeSpan.FromDays(7);

    /// <summary>Called while the index is loaded: rows read so far, rows in all.</summary>
    public Action<long, long>? LoadProgress { get; init; }

    /// <summary>
    /// Keep the index in a third of the memory, at half to three quarters of the speed (docs/index.md). May be changed between two
    /// opens: the rows are then linked anew.
    /// </summary>
    public bool CompactIndex
    {
        get => Graph.IsCompact;
        init => Graph = Graph with { IsCompact = value };
    }

    /// <summary>
    /// Bytes of vectors that may wait to be linked into the graph while rows pour in and nobody searches; at least 4,096 vectors do.
    /// </summary>
    public long BacklogBytes { get; init; } = 32L << 20;

    public TimeProvider Clock { get; init; } = TimeProvider.System;

    internal GraphOptions Graph { get; init; } = new();
}

/// <summary>Counts and sizes of a shard at one moment.</summary>
public sealed record ShardStats
{
    public required int Number { get; init; }

    public required CollectionSchema? Schema { get; init; }

    /// <summary>Live rows.</summary>
    public required long Points { get; init; }

    public required long Tombstones { get; init; }

    /// <summary>Damaged rows that no higher version has replaced.</summary>
    public required long Quarantined { get; init; }

    /// <summary>Which they are.</summary>
    public required IReadOnlyList<QuarantinedRow> QuarantinedRows { get; init; }

    /// <summary>Ids whose home this shard is and that are not deleted.</summary>
    public required long DirectoryEntries { get; init; }

    /// <summary>Bytes of the index in memory.</summary>
    public required long IndexBytes { get; init; }

    /// <summary>Live rows that the graph finds; the others are scanned, which small shards do with all of theirs.</summary>
    public long Linked { get; init; }

    /// <summary>False while the scanned rows are being linked into the graph: searches are right, but take longer.</summary>
    public bool IsIndexReady { get; init; } = true;

    /// <summary>Why the saved graph was not used or written, or why nothing is linked any more; null if all is well.</summary>
    public string? IndexProblem { get; init; }

    /// <summary>Bytes of the SQLite file and its write-ahead log.</summary>
    public required long FileBytes { get; init; }
}
