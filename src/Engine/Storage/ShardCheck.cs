using VectorDb.Engine.Index;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Compares a shard's tables with each other, with their checksums and with the index, while nothing writes.
/// </summary>
internal sealed class ShardCheck(Database database, Quarantine quarantine, Counters counters)
{
    const int ProblemsMax = 100;

    readonly List<string> _problems = [];

    public ShardReport Run(ShardIndex? index)
    {
        var rowCount = 0L;
        var entryCount = 0L;
        database.Execute("BEGIN");
        try
        {
            CheckStructure();
            if (index is not null)
                rowCount = CheckRows(index);
            entryCount = CheckDirectory();
            CheckCounters(rowCount);
        }
        catch (ShardDamagedException exception)
        {
            Report(exception.Message);
        }
        finally
        {
            database.RollBack();
        }
        return new ShardReport(rowCount, entryCount, _problems);
    }

    void CheckStructure()
    {
        using var statement = database.PrepareOnce($"PRAGMA integrity_check({ProblemsMax})");
        using var rows = statement.Rows();
        while (rows.Next())
        {
            if (rows.Text(0) is var finding && finding != "ok")
                Report($"SQLite: {finding}");
        }
    }

    long CheckRows(ShardIndex index)
    {
        using var statement = database.PrepareOnce(RowCheck.Select + " ORDER BY p.slot");
        using var rows = statement.Rows();
        var snapshot = index.Enter();
        try
        {
            var count = 0L;
            while (rows.Next())
            {
                if (quarantine.Holds(rows.Int64(0)))
                    continue;
                count++;
                CheckRow(rows, index, snapshot);
            }
            if (count != snapshot.Live.Count)
                Report($"The file has {count} live rows, the index {snapshot.Live.Count}.");
            return count;
        }
        finally
        {
            snapshot.Leave();
        }
    }

    void CheckRow(Statement.Cursor rows, ShardIndex index, Snapshot snapshot)
    {
        var (slot, version) = (rows.Int64(0), rows.Int64(2));
        var key = new PointKey(rows.Bytes(1).ToArray());
        var name = $"Row {key} in slot {slot}";
        foreach (var fault in RowCheck.Faults(rows, index.Schema))
            Report($"{name} {fault}");
        if (!snapshot.Live.Contains((int)slot))
            Report($"{name} is not in the index.");
        else if (snapshot.Table.Key((int)slot) != key || snapshot.Table.Version((int)slot) != version)
            Report($"{name}: the index has another key or version there.");
    }

    long CheckDirectory()
    {
        using var statement = database.PrepareOnce("SELECT version, deleted, places, key FROM directory");
        using var rows = statement.Rows();
        var count = 0L;
        while (rows.Next())
        {
            count++;
            var entry = DirectoryStore.Read(new PointKey(rows.Bytes(3).ToArray()), rows, firstColumn: 0);
            if (entry.Version > counters.Version)
                Report($"Directory entry {entry.Key} has version {entry.Version} of {counters.Version} given.");
            if (entry.Places.Any(place => place.Version > entry.Version))
                Report($"Directory entry {entry.Key} has a place with a version above its own.");
            if (!entry.Deleted && entry.Places.All(place => place.Version != entry.Version))
                Report($"Directory entry {entry.Key} has no place with its version.");
        }
        return count;
    }

    void CheckCounters(long rowCount)
    {
        Compare("live rows", counters.Points, rowCount);
        Compare("tombstones", counters.Tombstones, database.Number("SELECT count(*) FROM tombstones"));
        Compare(
            "directory entries", counters.DirectoryEntries,
            database.Number("SELECT count(*) FROM directory WHERE deleted = 0"));
        if (database.Number("SELECT count(*) FROM points JOIN tombstones USING (key)") is > 0 and var both)
            Report($"{both} keys have a row and a tombstone.");
    }

    void Compare(string what, long counted, long found)
    {
        if (counted != found)
            Report($"The counter of {what} says {counted}, the table {found}.");
    }

    void Report(string problem)
    {
        if (_problems.Count < ProblemsMax)
            _problems.Add(problem);
    }
}
