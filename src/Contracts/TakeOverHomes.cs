namespace VectorDb.Contracts;

/// <summary>
/// What a home knows of ids whose home the receiver becomes. Sent by the old home to the new one's search queue, because directory
/// queues may be full of claims that wait for it; answered with <see cref="HomesTakenOver"/>. Arriving twice or late: entries that the
/// receiver has at the same version or a higher one stay.
/// </summary>
public sealed record TakeOverHomes
{
    /// <summary>The new home.</summary>
    public required int Shard { get; init; }

    /// <summary><see cref="ShardChange.Number"/>: the receiver takes over only while it is in that change.</summary>
    public required long Change { get; init; }

    /// <summary>The old home's counter of versions: the new one never gives a lower one.</summary>
    public required long Version { get; init; }

    public IReadOnlyList<HandedEntry> Entries { get; init; } = [];

    /// <summary>Claims that the old home remembers, so that a repeated message gets its first answer from the new one.</summary>
    public IReadOnlyList<LoggedClaim> Claims { get; init; } = [];

    /// <summary>What a shard that leaves knows of operations.</summary>
    public IReadOnlyList<LoggedOutcome> Outcomes { get; init; } = [];
}

/// <summary>A directory entry that moves.</summary>
public sealed record HandedEntry
{
    public required byte[] Id { get; init; }

    public required long Version { get; init; }

    public bool Deleted { get; init; }

    public IReadOnlyList<PlaceOfPoint> Places { get; init; } = [];

    /// <summary>When the entry was last claimed, in milliseconds since 1970, by the old home's clock.</summary>
    public required long AtMs { get; init; }
}

/// <summary>The new home's answer to <see cref="TakeOverHomes"/>.</summary>
public sealed record HomesTakenOver
{
    /// <summary>It is on disk there; false where the receiver has not heard of the change yet, or is past it.</summary>
    public required bool IsTaken { get; init; }
}

/// <summary>
/// The other answer to <see cref="ClaimIds"/>: none of the claims was carried out, because this shard does not decide for one of the
/// ids at this moment, or the target is to go. Whoever claims reads the collection's state again and tries once more.
/// </summary>
public sealed record ClaimsDeferred
{
    /// <summary>The shard that was asked.</summary>
    public required int Shard { get; init; }
}
