namespace VectorDb.Engine.Storage;

/// <summary>The collection's schema, the shard's counters and its named documents.</summary>
internal sealed class MetaStore(Database database)
{
    readonly Statement _read = database.Prepare("SELECT value FROM meta WHERE name = ?1");
    readonly Statement _write = database.Prepare("INSERT INTO meta VALUES (?1, ?2)");
    readonly Statement _counters = database.Prepare("SELECT version, seq, points, tombstones, directory FROM counters");
    readonly Statement _setCounters = database.Prepare(
        "UPDATE counters SET version = ?1, seq = ?2, points = ?3, tombstones = ?4, directory = ?5");
    readonly Statement _document = database.Prepare("SELECT checksum, bytes FROM documents WHERE name = ?1");
    readonly Statement _setDocument = database.Prepare("INSERT OR REPLACE INTO documents VALUES (?1, ?2, ?3)");

    public CollectionSchema? ReadSchema()
    {
        if (Text("dimensions") is not { } dimensions)
            return null;
        return new CollectionSchema(
            int.Parse(dimensions, System.Globalization.CultureInfo.InvariantCulture),
            Enum.Parse<Metric>(Text("metric")!), Text("model"), Text("model_checksum"));
    }

    public void WriteSchema(CollectionSchema schema)
    {
        Write("dimensions", schema.Dimensions.ToString(System.Globalization.CultureInfo.InvariantCulture));
        Write("metric", schema.Metric.ToString());
        if (schema.Model is { } model)
            Write("model", model);
        if (schema.ModelChecksum is { } checksum)
            Write("model_checksum", checksum);
    }

    public Counters ReadCounters()
    {
        using var rows = _counters.Rows();
        rows.Next();
        return new Counters(rows.Int64(0), rows.Int64(1), rows.Int64(2), rows.Int64(3), rows.Int64(4));
    }

    public void WriteCounters(in Counters counters) =>
        _setCounters.Bind(1, counters.Version).Bind(2, counters.Sequence).Bind(3, counters.Points)
            .Bind(4, counters.Tombstones).Bind(5, counters.DirectoryEntries).Run();

    public byte[]? ReadDocument(string name)
    {
        using var rows = _document.BindText(1, name).Rows();
        if (!rows.Next())
            return null;
        var bytes = rows.Bytes(1).ToArray();
        if (rows.Int64(0) != Checksums.OfBytes(bytes))
        {
            throw new ShardDamagedException(
                $"The document '{name}' does not match its checksum. "
                + "Write it anew, or restore the shard's file from a copy.");
        }
        return bytes;
    }

    public void WriteDocument(string name, ReadOnlySpan<byte> bytes) =>
        _setDocument.BindText(1, name).Bind(2, Checksums.OfBytes(bytes)).Bind(3, bytes).Run();

    string? Text(string name)
    {
        using var rows = _read.BindText(1, name).Rows();
        return rows.Next() ? rows.Text(0) : null;
    }

    void Write(string name, string value) => _write.BindText(1, name).BindText(2, value).Run();
}

/// <summary>Numbers that a transaction moves and that the file keeps, so that a start counts nothing.</summary>
/// <param name="Version">The last version given to a claim of an id whose home is here.</param>
/// <param name="Sequence">The last change of a row or tombstone.</param>
/// <param name="Points">Live rows.</param>
/// <param name="Tombstones">Rows of that table.</param>
/// <param name="DirectoryEntries">Entries that are not deleted.</param>
internal record struct Counters(long Version, long Sequence, long Points, long Tombstones, long DirectoryEntries);
