using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Checking;

/// <summary>
/// Plans how the rows of an id and its directory entry come together again. The newest row that exists is the truth, unless the home
/// knows of a later delete: so nothing that was acknowledged and is still there is taken away. Needs all shards. One thread.
/// </summary>
sealed class IdRepair(CheckedFiles files, Findings findings, bool isDamaged)
{
    public void Plan(PointKey id)
    {
        var home = Home.Of(id.Span, files.ShardCount);
        var entry = files[home]!.Entry(id);
        var rows = files.All.Select(shard => new Place(shard.Number, shard.RowVersion(id))).Where(row => row.Version > 0).ToList();
        if (isDamaged && rows.Count > 1)
        {
            findings.Loss($"The rows of {IdName.Of(id)} contradict each other and one is damaged.", "store the point again.");
            return;
        }
        if (entry is { Deleted: true } && rows.All(row => row.Version <= entry.Version))
        {
            foreach (var row in rows)
                Evict(home, id, row, entry.Version);
            return;
        }
        // Of two rows of one version the one that the home names is right: a version is given to one shard.
        var newest = rows.OrderByDescending(row => row.Version)
            .ThenByDescending(row => entry?.Places.Contains(row) == true).Cast<Place?>().FirstOrDefault();
        if (newest is not { } kept)
        {
            findings.Loss($"No shard has a row of {IdName.Of(id)}.", "store the point again, or delete it.");
            return;
        }
        Write(home, Corrected(id, entry, kept), entry);
        foreach (var row in rows.Where(row => row.Shard != kept.Shard))
            Evict(home, id, row, kept.Version);
        DropTombstoneAbove(kept, id);
    }

    /// <summary>
    /// As the home would have it. A claim above the row's version stays, so that its row, should it still come, finds its version; unless
    /// the entry does not say for which shard it was.
    /// </summary>
    static DirectoryEntry Corrected(PointKey id, DirectoryEntry? entry, Place kept)
    {
        if (entry is null || entry.Version <= kept.Version || entry.Places.All(place => place.Version != entry.Version))
            return new(id, kept.Version, Deleted: false, [kept]);
        var named = entry.Places.Where(place => place.Shard != kept.Shard || place.Version > kept.Version).ToList();
        if (named.All(place => place.Shard != kept.Shard))
            named.Add(kept);
        return entry with { Places = [.. named.OrderBy(place => place.Shard)] };
    }

    void Write(int home, DirectoryEntry corrected, DirectoryEntry? before)
    {
        if (before is not null && before.Version == corrected.Version && before.Deleted == corrected.Deleted
            && before.Places.SequenceEqual(corrected.Places))
            return;
        var places = string.Join(", ", corrected.Places.Select(place => $"version {place.Version} in shard {place.Shard}"));
        findings.Add(new(home, $"directory entry of {IdName.Of(corrected.Key)} written at shard {home}: {places}",
            transaction => transaction.Apply(new() { Version = corrected.Version, Entries = [corrected] })));
    }

    /// <summary>
    /// Below `version`, or just above the row where it has that version itself; the home never gives that number to a later write.
    /// </summary>
    void Evict(int home, PointKey id, Place row, long version)
    {
        var below = Math.Max(version, row.Version + 1);
        if (below > version)
            findings.Add(new(home, $"shard {home} gives versions above {below} from now on",
                transaction => transaction.Apply(new() { Version = below })));
        findings.Add(new(row.Shard, $"row {IdName.Of(id)} of version {row.Version} removed from shard {row.Shard}",
            transaction => transaction.Evict(id, below)));
    }

    void DropTombstoneAbove(Place kept, PointKey id)
    {
        if (files[kept.Shard]!.TombstoneVersion(id) is var evicted && evicted <= kept.Version)
            return;
        findings.Loss($"The row of {IdName.Of(id)} in shard {kept.Shard} was evicted there below version {evicted}, "
            + "and no newer one exists.",
            "store the point again, or delete it.");
    }
}
