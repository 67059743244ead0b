namespace VectorDb.Engine.Storage;

/// <summary>Pages of the tables that have no other reader, for making a replica. One thread at a time.</summary>
internal sealed class CopyReader(Database database)
{
    readonly Statement _tombstones = database.Prepare("SELECT key, version FROM tombstones WHERE key > ?1 ORDER BY key LIMIT ?2");
    readonly Statement _entries = database.Prepare(
        "SELECT key, version, deleted, places FROM directory WHERE key > ?1 ORDER BY key LIMIT ?2");
    readonly Statement _homes = database.Prepare(
        "SELECT key, version, deleted, places, at FROM directory WHERE key > ?1 ORDER BY key LIMIT ?2");
    readonly Statement _claims = database.Prepare(
        "SELECT operation, ordinal, key_hash, version, target, existed FROM claims WHERE (operation, ordinal) > (?1, ?2) "
        + "ORDER BY operation, ordinal LIMIT ?3");
    readonly Statement _outcomes = database.Prepare(
        "SELECT id, operation, ordinals, refusal FROM outcomes WHERE id > ?1 ORDER BY id LIMIT ?2");
    readonly Statement _names = database.Prepare("SELECT name FROM documents ORDER BY name");
    readonly MetaStore _meta = new(database);

    public IReadOnlyList<Tombstone> Tombstones(PointKey? after, int limit)
    {
        using var rows = _tombstones.Bind(1, after is { } key ? key.Span : []).Bind(2, limit).Rows();
        var tombstones = new List<Tombstone>();
        while (rows.Next())
            tombstones.Add(new Tombstone(new PointKey(rows.Bytes(0).ToArray()), rows.Int64(1)));
        return tombstones;
    }

    public IReadOnlyList<DirectoryEntry> Entries(PointKey? after, int limit)
    {
        using var rows = _entries.Bind(1, after is { } key ? key.Span : []).Bind(2, limit).Rows();
        var entries = new List<DirectoryEntry>();
        while (rows.Next())
            entries.Add(DirectoryStore.Read(new PointKey(rows.Bytes(0).ToArray()), rows, firstColumn: 1));
        return entries;
    }

    public IReadOnlyList<HomeEntry> HomeEntries(PointKey? after, int limit)
    {
        using var rows = _homes.Bind(1, after is { } key ? key.Span : []).Bind(2, limit).Rows();
        var entries = new List<HomeEntry>();
        while (rows.Next())
        {
            var entry = DirectoryStore.Read(new PointKey(rows.Bytes(0).ToArray()), rows, firstColumn: 1);
            entries.Add(new HomeEntry(entry, rows.Int64(4), Checksums.OfBytes(entry.Key.Span)));
        }
        return entries;
    }

    public IReadOnlyList<ClaimRecord> Claims(ClaimRecord? after, int limit)
    {
        var operation = after is { } last ? last.Operation.ToByteArray(bigEndian: true) : [];
        using var rows = _claims.Bind(1, operation).Bind(2, after?.Ordinal ?? 0).Bind(3, limit).Rows();
        var claims = new List<ClaimRecord>();
        while (rows.Next())
            claims.Add(new ClaimRecord(
                new Guid(rows.Bytes(0), bigEndian: true), rows.Int32(1), rows.Int64(2), rows.Int64(3),
                rows.IsNull(4) ? null : rows.Int32(4), rows.Int64(5) != 0));
        return claims;
    }

    public (IReadOnlyList<OutcomeRecord> Outcomes, long Last) Outcomes(long after, int limit)
    {
        using var rows = _outcomes.Bind(1, after).Bind(2, limit).Rows();
        var outcomes = new List<OutcomeRecord>();
        while (rows.Next())
        {
            after = rows.Int64(0);
            outcomes.Add(new OutcomeRecord(
                new Guid(rows.Bytes(1), bigEndian: true), OutcomeStore.Decode(rows.Bytes(2)), rows.IsNull(3) ? null : rows.Text(3)));
        }
        return (outcomes, after);
    }

    public IReadOnlyList<NamedDocument> Documents()
    {
        var names = new List<string>();
        using (var rows = _names.Rows())
            while (rows.Next())
                names.Add(rows.Text(0));
        return [.. names.Select(name => new NamedDocument(name, _meta.ReadDocument(name)!))];
    }
}
