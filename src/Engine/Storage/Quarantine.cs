namespace VectorDb.Engine.Storage;

/// <summary>
/// The damaged rows that are known: those marked in the file, and those that readers met since. Safe for several
/// threads.
/// </summary>
internal sealed class Quarantine
{
    readonly Lock _lock = new();
    readonly Dictionary<long, QuarantinedRow> _marked = [];
    readonly Dictionary<long, QuarantinedRow> _met = [];
    readonly HashSet<long> _replaced = [];

    /// <summary>Rows not yet replaced by a higher version.</summary>
    public IReadOnlyList<QuarantinedRow> Rows
    {
        get
        {
            lock (_lock)
                return [.. _marked.Values, .. _met.Values];
        }
    }

    public int Count
    {
        get
        {
            lock (_lock)
                return _marked.Count + _met.Count;
        }
    }

    /// <summary>Slots in quarantine, replaced ones included: their vectors are still in the file.</summary>
    public bool Holds(long slot)
    {
        lock (_lock)
            return _marked.ContainsKey(slot) || _replaced.Contains(slot);
    }

    /// <summary>A reader met a damaged row; the next transaction takes it out of service.</summary>
    public void Meet(QuarantinedRow row)
    {
        lock (_lock)
        {
            if (!_marked.ContainsKey(row.Slot) && !_replaced.Contains(row.Slot))
                _met.TryAdd(row.Slot, row);
        }
    }

    /// <summary>Rows that readers met, for a transaction to mark.</summary>
    public IReadOnlyList<QuarantinedRow> Met()
    {
        lock (_lock)
            return [.. _met.Values];
    }

    /// <summary>The row is marked in the file.</summary>
    public void Mark(QuarantinedRow row, bool replaced = false)
    {
        lock (_lock)
        {
            _met.Remove(row.Slot);
            if (replaced)
                _replaced.Add(row.Slot);
            else
                _marked[row.Slot] = row;
        }
    }

    /// <summary>The transaction that marked the row was rolled back.</summary>
    public void Unmark(QuarantinedRow row)
    {
        lock (_lock)
        {
            _marked.Remove(row.Slot);
            _met[row.Slot] = row;
        }
    }

    /// <summary>A higher version has taken the row's place.</summary>
    public void Replace(long slot)
    {
        lock (_lock)
        {
            _marked.Remove(slot);
            _replaced.Add(slot);
        }
    }

    /// <summary>The row was not in the file any more when it was to be marked.</summary>
    public void Forget(long slot)
    {
        lock (_lock)
            _met.Remove(slot);
    }
}
