using System.Runtime.InteropServices;

namespace VectorDb.Engine.Storage;

/// <summary>Reads a file that no shard has open, table by table, without an index. One thread at a time.</summary>
internal sealed class InspectionReader(Database database)
{
    const int ProblemsMax = 100;

    readonly Statement _rows = database.Prepare(
        RowCheck.Select + " WHERE p.slot > ?1 ORDER BY p.slot LIMIT ?2");
    readonly Statement _quarantine = database.Prepare("SELECT reason FROM quarantine WHERE slot = ?1 AND replaced = 0");
    readonly Statement _version = database.Prepare("SELECT version FROM points WHERE key = ?1");
    readonly Statement _tombstone = database.Prepare("SELECT version FROM tombstones WHERE key = ?1");
    readonly Statement _entry = database.Prepare(DirectoryStore.FindSql);

    public MetaStore Meta { get; } = new(database);

    public CopyReader Pages { get; } = new(database);

    public OutcomeStore Outcomes { get; } = new(database);

    /// <summary>What SQLite finds wrong with the file, and its tables with each other.</summary>
    public IReadOnlyList<string> Structure()
    {
        using var statement = database.PrepareOnce($"PRAGMA integrity_check({ProblemsMax})");
        using var rows = statement.Rows();
        var findings = new List<string>();
        while (rows.Next())
            if (rows.Text(0) is var finding && finding != "ok")
                findings.Add(finding);
        return findings;
    }

    /// <summary>What <see cref="ShardTransaction.Mend"/> would put right.</summary>
    public IReadOnlyList<string> Mendable()
    {
        var counters = Meta.ReadCounters();
        var findings = new List<string>();
        Compare("live rows", counters.Points, database.Number(Mending.PointsSql));
        Compare("tombstones", counters.Tombstones, database.Number(Mending.TombstonesSql));
        Compare("directory entries", counters.DirectoryEntries, database.Number(Mending.EntriesSql));
        if (database.Number($"SELECT count(*) FROM ({Mending.StraySql})") is > 0 and var stray)
            findings.Add($"{stray} vectors belong to no row.");
        if (database.Number("SELECT count(*) FROM points p JOIN tombstones t USING (key) WHERE p.version >= t.version") is > 0 and var old)
            findings.Add($"{old} rows have a tombstone that is not newer.");
        return findings;

        void Compare(string what, long counted, long found)
        {
            if (counted != found)
                findings.Add($"The counter of {what} says {counted}, the table {found}.");
        }
    }

    public IReadOnlyList<InspectedRow> Rows(long after, int limit, CollectionSchema? schema)
    {
        var found = new List<InspectedRow>();
        using var rows = _rows.Bind(1, after).Bind(2, limit).Rows();
        while (rows.Next())
            found.Add(RowOf(rows, schema));
        return found;
    }

    public long RowVersion(PointKey key) => First(_version, key);

    public long TombstoneVersion(PointKey key) => First(_tombstone, key);

    public DirectoryEntry? Entry(PointKey key)
    {
        using var rows = _entry.Bind(1, key.Span).Rows();
        return rows.Next() ? DirectoryStore.Read(key, rows, firstColumn: 0) : null;
    }

    static long First(Statement statement, PointKey key)
    {
        using var rows = statement.Bind(1, key.Span).Rows();
        return rows.Next() ? rows.Int64(0) : 0;
    }

    InspectedRow RowOf(Statement.Cursor rows, CollectionSchema? schema)
    {
        var slot = rows.Int64(0);
        var faults = Quarantined(slot) is { } reason ? [$"is set aside as damaged: {reason}"]
            : schema is null ? ["is in a shard that does not know what its vectors look like."]
            : RowCheck.Faults(rows, schema);
        return new InspectedRow
        {
            Slot = slot,
            Key = new PointKey(rows.Bytes(1).ToArray()),
            Version = rows.Int64(2),
            Epoch = rows.Int32(10),
            Vector = faults.Count == 0 ? MemoryMarshal.Cast<byte, float>(rows.Bytes(6)).ToArray() : [],
            Faults = faults,
        };
    }

    string? Quarantined(long slot)
    {
        using var rows = _quarantine.Bind(1, slot).Rows();
        return rows.Next() ? rows.Text(0) : null;
    }
}
