namespace VectorDb.Contracts;

/// <summary>
/// A change of a replicated home's directory, as the leader decided it. Sent by the leader to the log exchange of its shard, which gives
/// it to every replica, the leader included; each applies it when it has applied the one before. Arriving twice: it is older than what
/// was applied, and ignored.
/// </summary>
public sealed record DirectoryLogged
{
    public required int Shard { get; init; }

    /// <summary>The replica that decided.</summary>
    public required int Leader { get; init; }

    /// <summary>A new leader begins a new term: what an earlier one decided meanwhile no longer counts.</summary>
    public required LogPosition Position { get; init; }

    /// <summary>The change before: a replica that has not applied exactly that has missed something.</summary>
    public required LogPosition Previous { get; init; }

    /// <summary>The home's counter of versions.</summary>
    public required long Version { get; init; }

    public IReadOnlyList<LoggedEntry> Entries { get; init; } = [];

    public IReadOnlyList<LoggedClaim> Claims { get; init; } = [];

    public IReadOnlyList<LoggedDocument> Documents { get; init; } = [];

    public IReadOnlyList<LoggedOutcome> Outcomes { get; init; } = [];

    /// <summary>The replicas that take part from this change on; null where that stays as it is.</summary>
    public int[]? Members { get; init; }
}

/// <summary>A directory entry after the change.</summary>
public sealed record LoggedEntry
{
    public required byte[] Id { get; init; }

    public required long Version { get; init; }

    public bool Deleted { get; init; }

    public IReadOnlyList<PlaceOfPoint> Places { get; init; } = [];
}

/// <summary>A claim with its answer, so that any later leader gives the same one.</summary>
public sealed record LoggedClaim
{
    public required Guid OperationId { get; init; }

    public required int Ordinal { get; init; }

    /// <summary>XXH3-64 of the id.</summary>
    public required long KeyHash { get; init; }

    public required long Version { get; init; }

    /// <summary>Null for a delete.</summary>
    public int? Target { get; init; }

    public bool Existed { get; init; }
}

/// <summary>A document of the shard after the change.</summary>
public sealed record LoggedDocument
{
    public required string Name { get; init; }

    public required byte[] Bytes { get; init; }
}

/// <summary>What became of points of an operation, for those who ask later.</summary>
public sealed record LoggedOutcome
{
    public required Guid OperationId { get; init; }

    public required IReadOnlyList<int> Ordinals { get; init; }

    /// <summary>Why they were refused; null where they are stored.</summary>
    public string? Refusal { get; init; }
}

/// <summary>
/// A replica has applied its shard's log up to here. Sent by it to the leader. Arriving twice or late: the furthest position counts.
/// </summary>
public sealed record LogApplied
{
    public required int Shard { get; init; }

    public required int Replica { get; init; }

    public required LogPosition Position { get; init; }
}
