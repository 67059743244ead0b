using System.Runtime.InteropServices;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Reads committed rows over a connection of its own. One thread at a time; rented from <see cref="ReaderPool"/>.
/// </summary>
internal sealed class RowReader(Database database, Action<QuarantinedRow> damaged) : IDisposable
{
    const string NotQuarantined = "NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.slot = points.slot)";

    readonly Statement _byKey = database.Prepare(
        "SELECT slot, key, version, epoch, checksum, payload, text FROM points WHERE key = ?1");
    readonly Statement _bySlot = database.Prepare(
        "SELECT slot, key, version, epoch, checksum, payload, text FROM points WHERE slot = ?1");
    readonly Statement _vector = database.Prepare("SELECT key, version, checksum, bytes FROM vectors WHERE slot = ?1");
    readonly Statement _isQuarantined = database.Prepare("SELECT 1 FROM quarantine WHERE slot = ?1");
    readonly Statement _tombstone = database.Prepare("SELECT version FROM tombstones WHERE key = ?1");
    readonly Statement _entry = database.Prepare(DirectoryStore.FindSql);
    readonly Statement _keys = database.Prepare($"SELECT key FROM points WHERE {NotQuarantined} ORDER BY key LIMIT ?1");
    readonly Statement _keysAfter = database.Prepare(
        $"SELECT key FROM points WHERE key > ?2 AND {NotQuarantined} ORDER BY key LIMIT ?1");
    readonly Statement _unsettled = database.Prepare(
        """
        SELECT key, version, deleted, places FROM directory
        WHERE (length(places) > 12 OR (deleted = 1 AND places IS NOT NULL)) AND key > ?1 ORDER BY key LIMIT ?2
        """);
    readonly Statement _before = database.Prepare(
        """
        SELECT slot, key, version, epoch, checksum, payload, text FROM points
        WHERE epoch < ?1 AND (epoch, slot) > (?2, ?3) ORDER BY epoch, slot LIMIT ?4
        """);
    readonly Statement _countBefore = database.Prepare("SELECT count(*) FROM points WHERE epoch < ?1");
    readonly MetaStore _meta = new(database);
    readonly OutcomeStore _outcomes = new(database);
    CopyReader? _copies;

    /// <summary>Made when a replica asks for the first time.</summary>
    public CopyReader Copies => _copies ??= new CopyReader(database);

    /// <summary>Reads vectors to score them.</summary>
    public RowRanking Ranking { get; } = new(database, damaged);

    /// <summary>Runs several reads on one snapshot.</summary>
    public T OnSnapshot<T>(Func<T> reads) => database.Read(reads);

    /// <summary>Begins a snapshot of the file as it is now, which lasts until <see cref="End"/>.</summary>
    public void Begin()
    {
        database.Execute("BEGIN");
        // Only reading something fixes which state of the file is read.
        database.Number("SELECT id FROM counters");
    }

    public void End() => database.RollBack();

    /// <summary>What is kept under a key; a row that fails its checksum and is not in quarantine yet is reported.</summary>
    /// <param name="key">The id.</param>
    /// <param name="withVector">False leaves the vector empty.</param>
    public PointReading Read(PointKey key, bool withVector) => database.Read(() =>
    {
        var row = FindRow(_byKey.Bind(1, key.Span));
        if (row is null)
        {
            using var rows = _tombstone.Bind(1, key.Span).Rows();
            return rows.Next()
                ? new PointReading(PointState.Tombstone, rows.Int64(0), null)
                : new PointReading(PointState.Absent, 0, null);
        }
        var quarantined = new PointReading(PointState.Quarantined, row.Version, null);
        if (IsQuarantined(row.Slot))
            return quarantined;
        var vector = withVector ? Vector(row.Slot, key, row.Version) : [];
        if (row.IsSound && vector is not null)
            return new PointReading(PointState.Live, row.Version, row.ToPoint(vector));
        var what = row.IsSound ? "The vector" : "Payload or text";
        damaged(new QuarantinedRow(row.Slot, key, row.Version, $"{what} does not match the checksum."));
        return quarantined;
    });

    /// <summary>The row in a slot; null when the slot is empty. Its checksum has been compared.</summary>
    public StoredRow? Row(long slot) => FindRow(_bySlot.Bind(1, slot));

    /// <summary>The vector of a row; null when it is missing or fails its checksum.</summary>
    public float[]? Vector(long slot, PointKey key, long version)
    {
        using var rows = _vector.Bind(1, slot).Rows();
        try
        {
            if (!rows.Next())
                return null;
        }
        catch (ShardDamagedException)
        {
            return null;
        }
        var bytes = rows.Bytes(3);
        return Checksums.OfVector(slot, key.Span, version, bytes) == rows.Int64(2)
            ? MemoryMarshal.Cast<byte, float>(bytes).ToArray()
            : null;
    }

    public DirectoryEntry? Locate(PointKey key)
    {
        using var rows = _entry.Bind(1, key.Span).Rows();
        return rows.Next() ? DirectoryStore.Read(key, rows, firstColumn: 0) : null;
    }

    public IReadOnlyList<PointKey> ListKeys(PointKey? after, int limit)
    {
        using var rows = after is { } key
            ? _keysAfter.Bind(1, limit).Bind(2, key.Span).Rows()
            : _keys.Bind(1, limit).Rows();
        var keys = new List<PointKey>();
        while (rows.Next())
            keys.Add(new PointKey(rows.Bytes(0).ToArray()));
        return keys;
    }

    /// <summary>Entries with more than one place, or deleted with any, in key order.</summary>
    public IReadOnlyList<DirectoryEntry> Unsettled(PointKey? after, int limit)
    {
        using var rows = _unsettled.Bind(1, after is { } key ? key.Span : []).Bind(2, limit).Rows();
        var entries = new List<DirectoryEntry>();
        while (rows.Next())
            entries.Add(DirectoryStore.Read(new PointKey(rows.Bytes(0).ToArray()), rows, firstColumn: 1));
        return entries;
    }

    /// <summary>Rows of earlier epochs by epoch and slot; a damaged one comes without its vector.</summary>
    public IReadOnlyList<EarlierRow> Before(int epoch, RowPosition after, int limit) => database.Read(() =>
    {
        var found = new List<StoredRow>();
        using (var rows = _before.Bind(1, epoch).Bind(2, after.Epoch).Bind(3, after.Slot).Bind(4, limit).Rows())
            while (rows.Next())
                found.Add(RowOf(rows));
        return found.ConvertAll(row => new EarlierRow(
            new RowPosition(row.Epoch, row.Slot),
            row.ToPoint(row.IsSound && !IsQuarantined(row.Slot) ? Vector(row.Slot, row.Key, row.Version) ?? [] : [])));
    });

    public long CountBefore(int epoch)
    {
        using var rows = _countBefore.Bind(1, epoch).Rows();
        return rows.Next() ? rows.Int64(0) : 0;
    }

    public IReadOnlyList<Outcome> Outcomes(Guid operation) => _outcomes.Of(operation);

    public byte[]? Document(string name) => _meta.ReadDocument(name);

    public bool IsQuarantined(long slot)
    {
        using var rows = _isQuarantined.Bind(1, slot).Rows();
        return rows.Next();
    }

    public void Dispose() => database.Dispose();

    static StoredRow? FindRow(Statement statement)
    {
        using var rows = statement.Rows();
        return rows.Next() ? RowOf(rows) : null;
    }

    static StoredRow RowOf(Statement.Cursor rows)
    {
        var (slot, version, key) = (rows.Int64(0), rows.Int64(2), new PointKey(rows.Bytes(1).ToArray()));
        var contents = new Checksums.Contents
        {
            HasPayload = !rows.IsNull(5),
            Payload = rows.Bytes(5),
            HasText = !rows.IsNull(6),
            Text = rows.Bytes(6),
        };
        var checksum = Checksums.OfContents(Checksums.OfIdentity(slot, key.Span, version), contents);
        return new StoredRow(slot, key, version, rows.Int32(3))
        {
            IsSound = checksum == rows.Int64(4),
            Payload = contents.HasPayload ? rows.Text(5) : null,
            Text = contents.HasText ? rows.Text(6) : null,
        };
    }
}

/// <summary>A row of the points table.</summary>
internal sealed record StoredRow(long Slot, PointKey Key, long Version, int Epoch)
{
    /// <summary>Its contents match their checksum.</summary>
    public bool IsSound { get; init; }

    public string? Payload { get; init; }

    public string? Text { get; init; }

    public PointRow ToPoint(float[] vector) => new()
    {
        Key = Key,
        Version = Version,
        Epoch = Epoch,
        Vector = vector,
        Payload = Payload,
        Text = Text,
    };
}
