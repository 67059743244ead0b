using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Checking;

/// <summary>
/// Looks at every row, tombstone and directory entry of the files and compares it with what belongs to it in other shards. What is
/// wrong with an id is put right for the id as a whole (<see cref="IdRepair"/>). One thread.
/// </summary>
sealed class RowPass(CheckedFiles files, Findings findings, Action<string, double> progress)
{
    const int PageSize = 1_024;

    readonly Dictionary<int, long> _versionsSeen = [];
    readonly SortedSet<PointKey> _wrong = [];
    readonly HashSet<PointKey> _damaged = [];
    readonly CollectionState? _collection = files.AreComparable ? files.Collection() : null;
    readonly Placement? _placement = files.AreComparable && files.Collection() is { } state ? new(state) : null;

    public void Run(CancellationToken stop)
    {
        foreach (var shard in files.All)
            EachRow(shard, stop);
        if (!files.AreComparable)
            return;
        foreach (var shard in files.All)
            EachTombstone(shard, stop);
        foreach (var shard in files.All)
            new DirectoryPass(files, findings, _wrong).Run(shard, progress, stop);
        CheckVersionsGiven();
        if (files.AreComplete)
            foreach (var id in _wrong)
                new IdRepair(files, findings, _damaged.Contains(id)).Plan(id);
    }

    void EachRow(ShardInspection shard, CancellationToken stop)
    {
        if (_collection is not null && shard.Schema is { } schema && schema.Dimensions != _collection.Shape.Dimensions)
            findings.Loss($"Shard {shard.Number} holds vectors of {schema.Dimensions} numbers, the collection has "
                + $"{_collection.Shape.Dimensions}.", "load the points again.");
        var (slot, done, all) = (-1L, 0L, Math.Max(1, shard.Points));
        while (shard.Rows(slot, PageSize) is { Count: > 0 } page)
        {
            stop.ThrowIfCancellationRequested();
            progress($"checking rows of shard {shard.Number}", Math.Min(1, (double)done / all));
            foreach (var row in page)
                CheckRow(shard, row);
            findings.Rows += page.Count;
            done += page.Count;
            slot = page[^1].Slot;
        }
    }

    void CheckRow(ShardInspection shard, InspectedRow row)
    {
        foreach (var fault in row.Faults)
            findings.Loss($"{NameOf(shard, row)} {fault}", "store the point again.");
        if (row.Faults.Count > 0)
            _damaged.Add(row.Key);
        if (!files.AreComparable)
            return;
        var home = Home.Of(row.Key.Span, files.ShardCount);
        See(home, row.Version);
        if (files[home] is { } keeper && DirectoryFault(shard, row, keeper) is { } fault2)
        {
            findings.Damage($"{NameOf(shard, row)} {fault2}");
            _wrong.Add(row.Key);
        }
        if (row.Faults.Count == 0)
            CheckPlacement(shard, row);
    }

    string? DirectoryFault(ShardInspection shard, InspectedRow row, ShardInspection keeper)
    {
        if (keeper.Entry(row.Key) is not { } entry)
            return $"has no directory entry at its home, shard {keeper.Number}.";
        if (row.Version > entry.Version)
            return $"is newer than its directory entry at shard {keeper.Number}, of version {entry.Version}.";
        var isNamed = entry.Places.Any(place => place.Shard == shard.Number && place.Version >= row.Version);
        if (isNamed)
        {
            if (entry.Deleted)
                findings.Note("# deletes were cut off and will be finished at the next start.");
            return null;
        }
        return entry.Deleted
            ? $"was deleted at version {entry.Version}, says its home, shard {keeper.Number}."
            : $"is where its directory entry of version {entry.Version} at shard {keeper.Number} has no such row: "
                + $"it names {PlacesOf(entry)}.";
    }

    void CheckPlacement(ShardInspection shard, InspectedRow row)
    {
        if (_collection is null || _placement is null)
            return;
        if (row.Epoch > _collection.Epoch)
        {
            findings.Damage($"{NameOf(shard, row)} was placed by centroids of epoch {row.Epoch}, and the newest are of "
                + $"{_collection.Epoch}.");
            var earlier = Math.Max(0, _collection.Epoch - 1);
            findings.Add(new(shard.Number, $"{NameOf(shard, row)} will be looked at by the migration",
                transaction => transaction.SetEpoch(row.Key, row.Version, earlier)));
        }
        else if (row.Epoch < _collection.Epoch)
            findings.Note($"# rows were placed by earlier centroids than those of epoch {_collection.Epoch}: "
                + "moving goes on at the next start.");
        else if (_placement.HasCentroids && _placement.OwnerOf(row.Vector, row.Key.Span) != shard.Number)
            findings.Note("# rows are in another shard than their centroid's, as POST /shards/N/store leaves them: searches that ask few "
                + "shards may miss them. The next POST /train or /set_centroids moves them.");
    }

    void EachTombstone(ShardInspection shard, CancellationToken stop)
    {
        PointKey? after = null;
        while (shard.Tombstones(after, PageSize) is { Count: > 0 } page)
        {
            stop.ThrowIfCancellationRequested();
            foreach (var tombstone in page)
            {
                See(Home.Of(tombstone.Key.Span, files.ShardCount), tombstone.Version);
                if (shard.RowVersion(tombstone.Key) is > 0 and var version && version < tombstone.Version)
                {
                    findings.Damage($"Shard {shard.Number} has evicted {IdName.Of(tombstone.Key)} below version {tombstone.Version}, "
                        + $"and has its row of version {version}.");
                    _wrong.Add(tombstone.Key);
                }
            }
            after = page[^1].Key;
        }
    }

    /// <summary>
    /// A home that would give a version again that is in use, having been restored from an older copy, would lose the write that gets
    /// it: shards would take it for an old one.
    /// </summary>
    void CheckVersionsGiven()
    {
        foreach (var (home, version) in _versionsSeen.OrderBy(pair => pair.Key))
        {
            if (files[home] is not { } keeper || keeper.VersionsGiven >= version)
                continue;
            findings.Damage($"Shard {home} has given versions up to {keeper.VersionsGiven}, and {version} is in use: new writes would be "
                + "taken for old ones.");
            findings.Add(new(home, $"shard {home} gives versions above {version} from now on",
                transaction => transaction.Apply(new() { Version = version })));
        }
    }

    void See(int home, long version) => _versionsSeen[home] = Math.Max(version, _versionsSeen.GetValueOrDefault(home));

    static string PlacesOf(DirectoryEntry entry) => entry.Places.Count == 0
        ? "no place"
        : string.Join(" and ", entry.Places.Select(place => $"version {place.Version} in shard {place.Shard}"));

    static string NameOf(ShardInspection shard, InspectedRow row) =>
        $"Row {IdName.Of(row.Key)} of version {row.Version} in shard {shard.Number}";
}

/// <summary>An id as people write it.</summary>
static class IdName
{
    public static string Of(PointKey key)
    {
        try
        {
            var id = PointId.FromKey(key.Span);
            return id.Kind == PointIdKind.String ? $"\"{id}\"" : $"{id}";
        }
        catch (FormatException)
        {
            return $"with the unreadable id {key}";
        }
    }
}
