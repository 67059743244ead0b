using System.Runtime.InteropServices;
using VectorDb.Engine.Index;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Reads every vector of a file once, in slot order, and checks each against its checksum. Damage costs the rows that
/// it hits: where a page cannot be read, the rows are tried one by one.
/// </summary>
internal sealed class RowLoader(Database database, int dimensions, Quarantine quarantine, IndexBuilder builder)
    : IDisposable
{
    /// <summary>
    /// Rows tried one by one after an unreadable page, before the scan goes on. A page holds far fewer.
    /// </summary>
    const int StepRows = 256;

    readonly Statement _scan = database.PrepareOnce(
        "SELECT slot, key, version, checksum, bytes FROM vectors WHERE slot > ?1 ORDER BY slot");
    readonly Statement _one = database.PrepareOnce(
        "SELECT slot, key, version, checksum, bytes FROM vectors WHERE slot = ?1");
    readonly Statement _expected = database.PrepareOnce(
        "SELECT slot, key, version FROM points WHERE slot > ?1 ORDER BY slot LIMIT ?2");
    readonly List<QuarantinedRow> _found = [];
    long _last = -1;

    /// <summary>Loads every sound row into the builder.</summary>
    /// <returns>Damaged rows that the file does not know as such yet.</returns>
    public IReadOnlyList<QuarantinedRow> Load(CancellationToken cancellationToken)
    {
        ReadQuarantine();
        while (!Scan(cancellationToken) && TryOneByOne())
        {
        }
        builder.Flush();
        if (_found.Count > 0)
            FindMissing();
        return _found;
    }

    public void Dispose()
    {
        _scan.Dispose();
        _one.Dispose();
        _expected.Dispose();
    }

    void ReadQuarantine()
    {
        using var statement = database.PrepareOnce("SELECT slot, key, version, reason, replaced FROM quarantine");
        using var rows = statement.Rows();
        while (rows.Next())
        {
            var key = new PointKey(rows.Bytes(1).ToArray());
            quarantine.Mark(new QuarantinedRow(rows.Int64(0), key, rows.Int64(2), rows.Text(3)), rows.Int64(4) != 0);
        }
    }

    /// <returns>False when a page could not be read.</returns>
    bool Scan(CancellationToken cancellationToken)
    {
        using var rows = _scan.Bind(1, _last).Rows();
        try
        {
            while (rows.Next())
            {
                cancellationToken.ThrowIfCancellationRequested();
                Take(rows);
            }
            return true;
        }
        catch (ShardDamagedException)
        {
            return false;
        }
    }

    void Take(Statement.Cursor rows)
    {
        var (slot, version) = (rows.Int64(0), rows.Int64(2));
        var key = rows.Bytes(1);
        var bytes = rows.Bytes(4);
        _last = slot;
        if (quarantine.Holds(slot))
            return;
        var reason = bytes.Length != dimensions * sizeof(float)
            ? $"The vector has {bytes.Length} bytes instead of {dimensions * sizeof(float)}."
            : rows.Int64(3) != Checksums.OfVector(slot, key, version, bytes) ? "The vector does not match its checksum."
            : null;
        if (reason is null)
            builder.Add(checked((int)slot), key, version, MemoryMarshal.Cast<byte, float>(bytes), rows.Int64(3));
        else
            SetAside(new QuarantinedRow(slot, new PointKey(key.ToArray()), version, reason));
    }

    /// <returns>False when there is nothing to go on for.</returns>
    bool TryOneByOne()
    {
        var expected = Expected(_last, StepRows);
        foreach (var row in expected)
        {
            using var rows = _one.Bind(1, row.Slot).Rows();
            try
            {
                if (rows.Next())
                    Take(rows);
                else
                    SetAside(row);
            }
            catch (ShardDamagedException)
            {
                SetAside(row);
            }
            _last = row.Slot;
        }
        return expected.Count > 0;
    }

    /// <summary>Damage to a row number hides the row from the scan, and its slot must not be taken for free.</summary>
    void FindMissing()
    {
        foreach (var row in Expected(after: -1, limit: -1))
        {
            if (!builder.Contains(row.Slot) && !quarantine.Holds(row.Slot))
                SetAside(row);
        }
    }

    List<QuarantinedRow> Expected(long after, int limit)
    {
        var expected = new List<QuarantinedRow>();
        using var rows = _expected.Bind(1, after).Bind(2, limit).Rows();
        while (rows.Next())
        {
            var key = new PointKey(rows.Bytes(1).ToArray());
            expected.Add(new QuarantinedRow(rows.Int64(0), key, rows.Int64(2), "The vector cannot be read."));
        }
        return expected;
    }

    void SetAside(QuarantinedRow row)
    {
        if (quarantine.Holds(row.Slot))
            return;
        _found.Add(row);
        quarantine.Mark(row);
    }
}
