using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

// Directory entries that come, go, and lose places.
public sealed partial class ShardTransaction
{
    /// <summary>
    /// A place has evicted the rows of an id below <paramref name="evictedVersion"/>: the home forgets the place,
    /// unless it was claimed again by that version or a later one.
    /// </summary>
    public void Release(PointKey key, int place, long evictedVersion)
    {
        Check();
        PointRules.Check(key, evictedVersion);
        if (_store.Directory.Find(key) is not { } entry)
            return;
        var left = entry.Places.Where(p => p.Shard != place || p.Version >= evictedVersion).ToArray();
        if (left.Length < entry.Places.Count)
            SetEntryAt(entry with { Places = left }, _store.Directory.AtOf(key));
    }

    /// <summary>
    /// A claim's row never came to a place and never will, because the place goes away: the home forgets the place. An id without any
    /// other counts as deleted. Nothing happens where the place was claimed again since.
    /// </summary>
    /// <param name="key">The id.</param>
    /// <param name="place">The shard that was the claim's target.</param>
    /// <param name="claimedVersion">The claim's version.</param>
    public void AbandonPlace(PointKey key, int place, long claimedVersion)
    {
        Check();
        if (_store.Directory.Find(key) is not { } entry || !entry.Places.Contains(new Place(place, claimedVersion)))
            return;
        var left = entry.Places.Where(p => p.Shard != place).ToArray();
        var isDeleted = entry.Deleted || left.Length == 0;
        _counters.DirectoryEntries -= isDeleted && !entry.Deleted ? 1 : 0;
        SetEntryAt(entry with { Places = left, Deleted = isDeleted }, _store.Directory.AtOf(key));
    }

    /// <summary>
    /// Takes over entries whose home this shard becomes, with the claims that go with them. An entry that is here at the same version or
    /// a higher one stays, so that repeating this, or doing it late, changes nothing.
    /// </summary>
    /// <param name="entries">As the old home has them.</param>
    /// <param name="claims">As the old home remembers them.</param>
    /// <param name="version">The old home's counter: this one gives higher versions only.</param>
    public void TakeOver(IReadOnlyList<HomeEntry> entries, IReadOnlyList<ClaimRecord> claims, long version)
    {
        Check();
        foreach (var (entry, at, _) in entries)
        {
            var before = _store.Directory.Find(entry.Key);
            if (before is not null && before.Version >= entry.Version)
                continue;
            SetEntryAt(entry, at);
            _counters.DirectoryEntries += (entry.Deleted ? 0 : 1) - (before is { Deleted: false } ? 1 : 0);
        }
        foreach (var claim in claims)
            _store.Directory.PutClaim(claim, _now);
        _counters.Version = Math.Max(_counters.Version, version);
        _changes += claims.Count + 1;
    }

    /// <summary>Deletes the entry of an id whose home is another shard now.</summary>
    public void ForgetEntry(PointKey key)
    {
        Check();
        if (_store.Directory.Find(key) is not { } entry)
            return;
        _store.Directory.Delete(key);
        _counters.DirectoryEntries -= entry.Deleted ? 0 : 1;
        _changes++;
    }

    /// <summary>The claim was carried out before: it will get the same answer again.</summary>
    /// <exception cref="ClaimReusedException">The operation and ordinal were used for another id.</exception>
    public bool Remembers(in Claim claim)
    {
        Check();
        return _store.Directory.FindClaim(claim) is not null;
    }

    ClaimGrant Repeat(in Claim claim, RememberedClaim remembered, DirectoryEntry? entry)
    {
        var places = entry?.Places ?? [];
        var isGone = claim.TargetsBelow > 0 && remembered.Target >= claim.TargetsBelow
            && places.All(place => place.Shard != remembered.Target);
        if (isGone)
        {
            // What the claim brought has moved on, or was replaced. No place that is left need know of that yet: the newest one may wait
            // for its own row, and would show this older one meanwhile.
            return entry is { Deleted: false } && places.Count > 0
                ? new ClaimGrant(remembered.Version, places.MaxBy(place => place.Version).Shard, [], remembered.Existed)
                {
                    IsPast = remembered.Version < entry.Version && _store.Directory.AtOf(claim.Key) >= claim.SettledBeforeMs,
                }
                : new ClaimGrant(Version: 0, claim.Target, OtherPlaces: [], remembered.Existed);
        }
        var older = places.Where(place => place.Shard != remembered.Target && place.Version < remembered.Version);
        return new ClaimGrant(remembered.Version, remembered.Target, [.. older.Select(place => place.Shard)], remembered.Existed);
    }

    /// <summary>`at`: when the id was last claimed, which this does not change.</summary>
    void SetEntryAt(DirectoryEntry entry, long at)
    {
        _store.Directory.Set(entry, at);
        if (_recorder is not null)
            _recorder.Entries[entry.Key] = entry;
        _changes++;
    }
}
