using System.Runtime.InteropServices;
using VectorDb.Engine.Index;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Compares a shard's tables with each other, with their checksums and with the index, while nothing writes.
/// </summary>
internal sealed class ShardCheck(Database database, Quarantine quarantine, Counters counters)
{
    const int ProblemsMax = 100;

    /// <summary>
    /// How far a normalised vector may be from length 1: float32 rounding of 65,536 numbers stays well below.
    /// </summary>
    const double NormTolerance = 1e-5;

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
        using var statement = database.PrepareOnce(
            """
            SELECT p.slot, p.key, p.version, v.key, v.version, v.checksum, v.bytes, p.checksum, p.payload, p.text
            FROM points p LEFT JOIN vectors v ON v.slot = p.slot ORDER BY p.slot
            """);
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
                CheckRow(rows, snapshot);
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

    void CheckRow(Statement.Cursor rows, Snapshot snapshot)
    {
        var (slot, version) = (rows.Int64(0), rows.Int64(2));
        var key = new PointKey(rows.Bytes(1).ToArray());
        var name = $"Row {key} in slot {slot}";
        if (!key.Span.SequenceEqual(rows.Bytes(3)) || version != rows.Int64(4))
            Report($"{name} has another key or version in the vectors table.");
        if (rows.Int64(5) != Checksums.OfVector(slot, key.Span, version, rows.Bytes(6)))
            Report($"{name}: the vector does not match its checksum.");
        var contents = new Checksums.Contents
        {
            HasPayload = !rows.IsNull(8),
            Payload = rows.Bytes(8),
            HasText = !rows.IsNull(9),
            Text = rows.Bytes(9),
        };
        if (rows.Int64(7) != Checksums.OfContents(Checksums.OfIdentity(slot, key.Span, version), contents))
            Report($"{name}: payload or text does not match the checksum.");
        var length = Norms.Length(MemoryMarshal.Cast<byte, float>(rows.Bytes(6)));
        if (snapshot.Metric == Metric.Cosine && !(Math.Abs(length - 1) <= NormTolerance))
            Report($"{name} has length {length} instead of 1.");
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
