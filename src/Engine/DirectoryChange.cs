namespace VectorDb.Engine;

/// <summary>
/// What a transaction changed in the directory of a home, its claims, outcomes and documents, as values that another replica of the shard
/// can apply: the results, not the requests, so that both end up the same whatever they thought before.
/// </summary>
public sealed record DirectoryChange
{
    /// <summary>The home's counter of versions afterwards. It never goes back, whatever is applied.</summary>
    public required long Version { get; init; }

    /// <summary>Entries as they are afterwards.</summary>
    public IReadOnlyList<DirectoryEntry> Entries { get; init; } = [];

    public IReadOnlyList<ClaimRecord> Claims { get; init; } = [];

    public IReadOnlyList<NamedDocument> Documents { get; init; } = [];

    public IReadOnlyList<OutcomeRecord> Outcomes { get; init; } = [];

    public bool IsEmpty => Entries.Count + Claims.Count + Documents.Count + Outcomes.Count == 0;
}

/// <summary>The answer that a claim got, as the home remembers it.</summary>
/// <param name="Operation">The operation, with <paramref name="Ordinal"/> the claim's name.</param>
/// <param name="Ordinal">Which point of the operation.</param>
/// <param name="KeyHash">XXH3-64 of the key that was claimed.</param>
/// <param name="Version">The version that was given.</param>
/// <param name="Target">The shard that was to hold the row; null for a delete.</param>
/// <param name="Existed">The id had a live claim before.</param>
public readonly record struct ClaimRecord(Guid Operation, int Ordinal, long KeyHash, long Version, int? Target, bool Existed);

/// <summary>A document as <see cref="ShardTransaction.PutDocument"/> keeps it.</summary>
public readonly record struct NamedDocument(string Name, byte[] Bytes);

/// <summary>What became of points of an operation, as <see cref="ShardTransaction.Record"/> keeps it.</summary>
public readonly record struct OutcomeRecord(Guid Operation, IReadOnlyList<int> Ordinals, string? Refusal);

/// <summary>A key of which nothing up to a version may be stored.</summary>
public readonly record struct Tombstone(PointKey Key, long Version);
