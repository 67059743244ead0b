using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Checking;

/// <summary>
/// Compares each entry of a home's directory with the rows that it names. An entry whose row is nowhere is a loss only where
/// something proves that the row was there: the shard's record of the operation, or another shard's eviction, which comes after the
/// commit. Else a crash cut the write off before anybody was told of it. One thread.
/// </summary>
sealed class DirectoryPass(CheckedFiles files, Findings findings, ISet<PointKey> wrong)
{
    const int PageSize = 1_024;

    /// <summary>Entries whose newest row is not there, by their version, which no two entries of a home share.</summary>
    readonly Dictionary<long, DirectoryEntry> _missing = [];

    public void Run(ShardInspection home, Action<string, double> progress, CancellationToken stop)
    {
        PointKey? after = null;
        var count = 0L;
        while (home.Entries(after, PageSize) is { Count: > 0 } page)
        {
            stop.ThrowIfCancellationRequested();
            progress($"checking the directory of shard {home.Number}", 0);
            foreach (var entry in page)
                Check(home, entry);
            count += page.Count;
            after = page[^1].Key;
        }
        findings.Entries += count;
        JudgeMissing(home);
    }

    void Check(ShardInspection home, DirectoryEntry entry)
    {
        if (entry.Version > home.VersionsGiven)
        {
            findings.Damage($"{NameOf(home, entry)} is newer than the last version that was given, {home.VersionsGiven}.");
            findings.Mend(home.Number);
        }
        if (Home.Of(entry.Key.Span, files.ShardCount) is var right && right != home.Number)
            findings.Loss($"{NameOf(home, entry)} belongs to shard {right}.", "store the point again.");
        else if (!entry.Deleted)
            CheckLive(home, entry);
    }

    void CheckLive(ShardInspection home, DirectoryEntry entry)
    {
        if (entry.Places.Where(place => place.Version == entry.Version).ToArray() is not [var newest])
        {
            findings.Damage($"{NameOf(home, entry)} does not name one place of its version.");
            wrong.Add(entry.Key);
        }
        else if (files[newest.Shard] is { } place && place.RowVersion(entry.Key) < entry.Version)
            _missing[entry.Version] = entry;
        else if (entry.Places.Count > 1)
            findings.Note("# ids were on their way from one shard to another, which will be finished at the next start.");
    }

    void JudgeMissing(ShardInspection home)
    {
        var proofs = ProofsFromClaims(home);
        foreach (var (version, entry) in _missing)
        {
            if (proofs.Contains(version) || WasEvictedFor(entry))
                findings.Loss($"{NameOf(home, entry)} says that its row is in shard {PlaceOf(entry)}, which had it and has it no more.",
                    "store the point again, or delete it.");
            else
                findings.Note("# writes were cut off before they were stored or acknowledged; nothing is to be done about them.");
        }
    }

    /// <summary>The versions whose rows their shards recorded as stored. Claims are found by operation only, so all are read.</summary>
    HashSet<long> ProofsFromClaims(ShardInspection home)
    {
        var proofs = new HashSet<long>();
        ClaimRecord? after = null;
        while (_missing.Count > 0 && home.Claims(after, PageSize) is { Count: > 0 } page)
        {
            foreach (var claim in page)
                if (_missing.ContainsKey(claim.Version) && claim.Target is { } target
                    && files[target]?.HasStored(claim.Operation, claim.Ordinal) == true)
                    proofs.Add(claim.Version);
            after = page[^1];
        }
        return proofs;
    }

    /// <summary>A place evicts its older row only after the newer one has been committed.</summary>
    bool WasEvictedFor(DirectoryEntry entry) => files.All.Any(
        shard => shard.Number != PlaceOf(entry) && shard.TombstoneVersion(entry.Key) == entry.Version);

    static int PlaceOf(DirectoryEntry entry) => entry.Places.First(place => place.Version == entry.Version).Shard;

    static string NameOf(ShardInspection home, DirectoryEntry entry) =>
        $"The directory entry of {IdName.Of(entry.Key)} of version {entry.Version} in shard {home.Number}";
}
