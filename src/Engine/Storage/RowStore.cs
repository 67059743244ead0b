using System.Runtime.InteropServices;
using System.Text;

namespace VectorDb.Engine.Storage;

/// <summary>Rows and tombstones as the writer changes them. Versions are compared by the caller.</summary>
internal sealed class RowStore(Database database)
{
    readonly Statement _find = database.Prepare("SELECT slot, version FROM points WHERE key = ?1");
    readonly Statement _insertPoint = database.Prepare("INSERT INTO points VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
    readonly Statement _insertVector = database.Prepare("INSERT INTO vectors VALUES (?1, ?2, ?3, ?4, ?5)");
    readonly Statement _deletePoint = database.Prepare("DELETE FROM points WHERE slot = ?1");
    readonly Statement _deleteVector = database.Prepare("DELETE FROM vectors WHERE slot = ?1");
    readonly Statement _setEpoch = database.Prepare("UPDATE points SET epoch = ?3 WHERE key = ?1 AND version = ?2");
    readonly Statement _tombstone = database.Prepare("SELECT version FROM tombstones WHERE key = ?1");
    readonly Statement _setTombstone = database.Prepare("INSERT OR REPLACE INTO tombstones VALUES (?1, ?2, ?3, ?4)");
    readonly Statement _deleteTombstone = database.Prepare("DELETE FROM tombstones WHERE key = ?1");
    readonly Statement _quarantine = database.Prepare(
        "INSERT OR IGNORE INTO quarantine(slot, key, version, reason) VALUES (?1, ?2, ?3, ?4)");
    readonly Statement _replaceQuarantined = database.Prepare("UPDATE quarantine SET replaced = 1 WHERE slot = ?1");

    /// <summary>Slot and version of the row of a key; the slot is -1 when there is none.</summary>
    public (long Slot, long Version) Find(PointKey key)
    {
        using var rows = _find.Bind(1, key.Span).Rows();
        return rows.Next() ? (rows.Int64(0), rows.Int64(1)) : (-1, 0);
    }

    /// <param name="slot">Unused.</param>
    /// <param name="row">Its vector is replaced by <paramref name="vector"/>.</param>
    /// <param name="vector">float32, as it is kept: normalised for cosine.</param>
    /// <param name="sequence">The number of this change.</param>
    /// <returns>The checksum of the vector with its slot, key and version.</returns>
    public long Insert(int slot, PointRow row, ReadOnlySpan<float> vector, long sequence)
    {
        var bytes = MemoryMarshal.AsBytes(vector);
        var key = row.Key.Span;
        var contents = new Checksums.Contents
        {
            HasPayload = row.Payload is not null,
            Payload = row.Payload is null ? [] : Encoding.UTF8.GetBytes(row.Payload),
            HasText = row.Text is not null,
            Text = row.Text is null ? [] : Encoding.UTF8.GetBytes(row.Text),
        };
        var identity = Checksums.OfIdentity(slot, key, row.Version);
        _insertPoint.Bind(1, slot).Bind(2, key).Bind(3, row.Version).Bind(4, row.Epoch).Bind(5, sequence)
            .Bind(6, Checksums.OfContents(identity, contents));
        BindContents(contents);
        _insertPoint.Run();
        var checksum = Checksums.OfVector(slot, key, row.Version, bytes);
        _insertVector.Bind(1, slot).Bind(2, key).Bind(3, row.Version).Bind(4, checksum).Bind(5, bytes).Run();
        return checksum;
    }

    public void Delete(int slot)
    {
        _deletePoint.Bind(1, slot).Run();
        _deleteVector.Bind(1, slot).Run();
    }

    /// <summary>
    /// Forgets a damaged row. Its vector stays, and with it the slot: the page may be unreadable, and then deleting it
    /// would fail for ever.
    /// </summary>
    public void DeleteQuarantined(long slot)
    {
        _deletePoint.Bind(1, slot).Run();
        _replaceQuarantined.Bind(1, slot).Run();
    }

    /// <summary>Keeps a damaged row from being served, across restarts.</summary>
    public void Quarantine(QuarantinedRow row) =>
        _quarantine.Bind(1, row.Slot).Bind(2, row.Key.Span).Bind(3, row.Version).BindText(4, row.Reason).Run();

    public void SetEpoch(PointKey key, long version, int epoch) =>
        _setEpoch.Bind(1, key.Span).Bind(2, version).Bind(3, epoch).Run();

    /// <summary>Version of the tombstone of a key; 0 when there is none.</summary>
    public long TombstoneVersion(PointKey key)
    {
        using var rows = _tombstone.Bind(1, key.Span).Rows();
        return rows.Next() ? rows.Int64(0) : 0;
    }

    public void SetTombstone(PointKey key, long version, long sequence, long now) =>
        _setTombstone.Bind(1, key.Span).Bind(2, version).Bind(3, sequence).Bind(4, now).Run();

    public void DeleteTombstone(PointKey key) => _deleteTombstone.Bind(1, key.Span).Run();

    void BindContents(in Checksums.Contents contents)
    {
        if (contents.HasPayload)
            _insertPoint.BindText(7, contents.Payload);
        else
            _insertPoint.BindNull(7);
        if (contents.HasText)
            _insertPoint.BindText(8, contents.Text);
        else
            _insertPoint.BindNull(8);
    }
}
