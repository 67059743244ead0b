using System.Buffers.Binary;

namespace VectorDb.Engine.Storage;

/// <summary>What the home of ids knows of them, and the claims that it remembers. Used by the writer.</summary>
internal sealed class DirectoryStore(Database database)
{
    readonly Statement _find = database.Prepare(FindSql);
    readonly Statement _set = database.Prepare("INSERT OR REPLACE INTO directory VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly Statement _at = database.Prepare("SELECT at FROM directory WHERE key = ?1");
    readonly Statement _delete = database.Prepare("DELETE FROM directory WHERE key = ?1");
    readonly Statement _findClaim = database.Prepare(
        "SELECT key_hash, version, target, existed FROM claims WHERE operation = ?1 AND ordinal = ?2");
    readonly Statement _putClaim = database.Prepare(
        "INSERT INTO claims(operation, ordinal, key_hash, version, target, existed, at) "
        + "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7) ON CONFLICT(operation, ordinal) DO UPDATE SET key_hash = excluded.key_hash, "
        + "version = excluded.version, target = excluded.target, existed = excluded.existed");

    /// <summary>Bytes of one place: shard, version.</summary>
    const int PlaceBytes = 12;

    internal const string FindSql = "SELECT version, deleted, places FROM directory WHERE key = ?1";

    public DirectoryEntry? Find(PointKey key)
    {
        using var rows = _find.Bind(1, key.Span).Rows();
        return rows.Next() ? Read(key, rows, firstColumn: 0) : null;
    }

    /// <summary>When the entry was last changed, in milliseconds since 1970; 0 where there is none.</summary>
    public long AtOf(PointKey key)
    {
        using var rows = _at.Bind(1, key.Span).Rows();
        return rows.Next() ? rows.Int64(0) : 0;
    }

    public void Set(DirectoryEntry entry, long now)
    {
        _set.Bind(1, entry.Key.Span).Bind(2, entry.Version).Bind(3, entry.Deleted ? 1 : 0).Bind(4, now);
        if (entry.Places.Count == 0)
            _set.BindNull(5).Run();
        else
            _set.Bind(5, Encode(entry.Places)).Run();
    }

    public void Delete(PointKey key) => _delete.Bind(1, key.Span).Run();

    public RememberedClaim? FindClaim(in Claim claim)
    {
        using var rows = _findClaim.Bind(1, Bytes(claim.Operation)).Bind(2, claim.Ordinal).Rows();
        if (!rows.Next())
            return null;
        if (rows.Int64(0) != Checksums.OfBytes(claim.Key.Span))
        {
            throw new ClaimReusedException(
                $"Operation {claim.Operation}, point {claim.Ordinal} was claimed for another id. "
                + "Give every operation an id of its own.");
        }
        return new RememberedClaim(rows.Int64(1), rows.IsNull(2) ? null : rows.Int32(2), rows.Int64(3) != 0);
    }

    /// <summary>Remembers an answer, in place of the one before.</summary>
    public void PutClaim(in ClaimRecord claim, long now) =>
        _putClaim.Bind(1, Bytes(claim.Operation)).Bind(2, claim.Ordinal).Bind(3, claim.KeyHash)
            .Bind(4, claim.Version).Bind(5, claim.Target).Bind(6, claim.Existed ? 1 : 0)
            .Bind(7, now).Run();

    /// <summary>An entry from the columns version, deleted, places.</summary>
    internal static DirectoryEntry Read(PointKey key, Statement.Cursor rows, int firstColumn) => new(
        key, rows.Int64(firstColumn), rows.Int64(firstColumn + 1) != 0, Decode(rows.Bytes(firstColumn + 2)));

    static byte[] Encode(IReadOnlyList<Place> places)
    {
        var bytes = new byte[places.Count * PlaceBytes];
        for (var i = 0; i < places.Count; i++)
        {
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(i * PlaceBytes), places[i].Shard);
            BinaryPrimitives.WriteInt64LittleEndian(bytes.AsSpan(i * PlaceBytes + 4), places[i].Version);
        }
        return bytes;
    }

    static Place[] Decode(ReadOnlySpan<byte> bytes)
    {
        var places = new Place[bytes.Length / PlaceBytes];
        for (var i = 0; i < places.Length; i++)
        {
            places[i] = new Place(
                BinaryPrimitives.ReadInt32LittleEndian(bytes[(i * PlaceBytes)..]),
                BinaryPrimitives.ReadInt64LittleEndian(bytes[(i * PlaceBytes + 4)..]));
        }
        return places;
    }

    static byte[] Bytes(Guid operation) => operation.ToByteArray(bigEndian: true);
}

/// <summary>The answer that a claim got the first time.</summary>
internal readonly record struct RememberedClaim(long Version, int? Target, bool Existed);
