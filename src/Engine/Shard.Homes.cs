namespace VectorDb.Engine;

// What a change of the number of shards needs to read.
public sealed partial class Shard
{
    /// <summary>The directory in key order, deleted entries included; a page shorter than the limit is the last.</summary>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    /// <param name="limit">How many at most, at least 1.</param>
    public IReadOnlyList<HomeEntry> HomeEntries(PointKey? after, int limit)
    {
        CheckUsable();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _readers.Use(reader => reader.Copies.HomeEntries(after, limit));
    }
}

/// <summary>A directory entry on its way to another home.</summary>
/// <param name="Entry">What the home knows of the id.</param>
/// <param name="AtMs">When the id was last claimed, in milliseconds since 1970 by the home's clock.</param>
/// <param name="KeyHash">XXH3-64 of the key, by which claims are remembered; 0 where nobody needs it.</param>
public readonly record struct HomeEntry(DirectoryEntry Entry, long AtMs, long KeyHash);
