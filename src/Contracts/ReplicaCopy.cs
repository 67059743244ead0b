namespace VectorDb.Contracts;

/// <summary>
/// Asks a replica that takes part to let itself be copied. Sent by a replica that has lost its data, or missed messages, when its own
/// queues exist. Answered with <see cref="CopyBegun"/> when what was sent before is in the source's files. Arriving twice: answered twice.
/// </summary>
public sealed record BeginCopy
{
    public required int Shard { get; init; }
}

/// <summary>The source holds everything that was sent to its shard before it was asked. Arriving twice: the first one counts.</summary>
public sealed record CopyBegun
{
    /// <summary>Where the log of the copy begins: what follows comes through the copy's own queue.</summary>
    public required LogPosition Position { get; init; }

    public required ReplicaMembers Members { get; init; }

    /// <summary>Rows at this moment, for saying how far the copy is.</summary>
    public required long Points { get; init; }

    public CollectionShape? Shape { get; init; }
}

/// <summary>
/// Asks for a page of one kind. Sent by the replica that copies to the one it copies from; answered with <see cref="PageCopied"/>.
/// Arriving twice: answered twice.
/// </summary>
public sealed record CopyPage
{
    public required int Shard { get; init; }

    /// <summary>One of <see cref="CopyKinds"/>.</summary>
    public required string Kind { get; init; }

    /// <summary>The end of the page before; null for the first.</summary>
    public byte[]? After { get; init; }

    /// <summary>The ordinal of the last claim, for pages of claims.</summary>
    public int AfterOrdinal { get; init; }
}

/// <summary>The kinds of pages, in the order in which they are copied.</summary>
public static class CopyKinds
{
    public const string Rows = "rows";

    public const string Tombstones = "tombstones";

    public const string Directory = "directory";

    public const string Claims = "claims";

    public const string Outcomes = "outcomes";

    public const string Documents = "documents";

    public static IReadOnlyList<string> All { get; } = [Rows, Tombstones, Directory, Claims, Outcomes, Documents];
}

/// <summary>A page. Applied by version, so that it may arrive twice or meet newer rows.</summary>
public sealed record PageCopied
{
    public IReadOnlyList<CopiedRow> Rows { get; init; } = [];

    public IReadOnlyList<CopiedTombstone> Tombstones { get; init; } = [];

    public IReadOnlyList<LoggedEntry> Entries { get; init; } = [];

    public IReadOnlyList<LoggedClaim> Claims { get; init; } = [];

    public IReadOnlyList<LoggedOutcome> Outcomes { get; init; } = [];

    public IReadOnlyList<LoggedDocument> Documents { get; init; } = [];

    /// <summary>The source's counter of versions.</summary>
    public long Version { get; init; }

    /// <summary>Give it as `After` for the next page; null at the end of the kind.</summary>
    public byte[]? Next { get; init; }

    public int NextOrdinal { get; init; }
}

/// <summary>A row as the source keeps it.</summary>
public sealed record CopiedRow
{
    public required byte[] Id { get; init; }

    public required long Version { get; init; }

    public required int Epoch { get; init; }

    /// <summary>float32 little-endian, length = dimensions of the collection; normalised for Cosine.</summary>
    public required byte[] Vector { get; init; }

    public string? Text { get; init; }

    public string? Payload { get; init; }
}

/// <summary>Nothing up to this version may be stored under the id.</summary>
public sealed record CopiedTombstone
{
    public required byte[] Id { get; init; }

    public required long Version { get; init; }
}
