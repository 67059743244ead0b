namespace VectorDb.Engine;

/// <summary>A shard that may hold a row of an id, and the version of the latest claim that targeted it.</summary>
public readonly record struct Place(int Shard, long Version);

/// <summary>What the home of an id knows of it: its latest version, whether that was a delete, where rows may be.</summary>
public sealed record DirectoryEntry(PointKey Key, long Version, bool Deleted, IReadOnlyList<Place> Places);

/// <summary>One operation's wish for a version, recorded at the id's home.</summary>
/// <param name="Operation">The caller's id of the operation: the same one, redelivered, gets the same answer.</param>
/// <param name="Ordinal">Which point of the operation.</param>
/// <param name="Key">The id.</param>
/// <param name="Target">The shard that will hold the row; null for a delete.</param>
public readonly record struct Claim(Guid Operation, int Ordinal, PointKey Key, int? Target)
{
    /// <summary>
    /// For moves: grant only while this is the id's latest version, so that what somebody wrote meanwhile stays; null for any.
    /// </summary>
    public long? OnlyIfVersion { get; init; }

    /// <summary>
    /// Milliseconds since 1970 by this machine: whatever was claimed before and has no row by now never will have one, so
    /// that such a claim does not stand against <see cref="OnlyIfVersion"/>.
    /// </summary>
    public long SettledBeforeMs { get; init; }

    /// <summary>
    /// Shards from this number on are to go or have gone: a claim remembered for one of them that holds nothing of the id any more is
    /// led to where the id is now, or is past (<see cref="ClaimGrant.IsPast"/>). 0 where none are.
    /// </summary>
    public int TargetsBelow { get; init; }
}

/// <summary>The home's answer to a claim.</summary>
/// <param name="Version">Higher than every version that this home gave before; 0 where <see cref="Claim.OnlyIfVersion"/> did not
/// hold and nothing was changed.</param>
/// <param name="Target">
/// The target recorded with the claim: for a redelivered claim the first one, whatever was asked now, so that a version has
/// one owner.
/// </param>
/// <param name="OtherPlaces">Every other shard that may hold a row of the id and must evict versions below.</param>
/// <param name="Existed">The id had a live claim (not a delete) before this operation.</param>
public sealed record ClaimGrant(long Version, int? Target, IReadOnlyList<int> OtherPlaces, bool Existed)
{
    /// <summary>What the claim brought was replaced, and the place it had is gone: its row must not be stored any more.</summary>
    public bool IsPast { get; init; }
}
