using System.Diagnostics;

namespace VectorDb.Engine.Index;

/// <summary>
/// The rows of a shard in memory: an index, the keys of its slots, and the snapshot that searches see. Readers enter a
/// snapshot and leave it; the writer publishes the next. A slot freed by a publication is used again only when every
/// snapshot that contains it has been left, so nothing that a reader may touch ever changes (read-copy-update, with
/// reader counts for the grace period).
/// </summary>
internal sealed class ShardIndex : IDisposable
{
    readonly IVectorIndex _index;
    readonly SlotTable _table = new();
    readonly Queue<(Snapshot Superseded, int[] Freed)> _retired = new();
    readonly List<int> _free = [];
    int _slotLimit;
    Snapshot? _current;

    public ShardIndex(CollectionSchema schema)
    {
        Schema = schema;
        _index = new FlatIndex(schema.Dimensions, schema.Metric);
        _current = new Snapshot(_index, _table, LiveSlots.Empty);
    }

    public CollectionSchema Schema { get; }

    /// <summary>Live rows.</summary>
    public int Count => _current?.Live.Count ?? 0;

    public long Bytes => _index.Bytes + _table.Bytes;

    /// <summary>For loading, before anybody else knows of this object; ends with <see cref="Loaded"/>.</summary>
    public IndexBuilder Builder(Action<long>? progress) => new(_index, _table, progress);

    /// <summary>Takes over what a builder has loaded.</summary>
    /// <param name="live">The loaded rows.</param>
    /// <param name="isOccupied">Slots that are neither live nor free: damaged rows.</param>
    public void Loaded(LiveSlots live, Func<int, bool> isOccupied)
    {
        var limit = live.WordCount * 64;
        while (limit > 0 && !live.Contains(limit - 1) && !isOccupied(limit - 1))
            limit--;
        _slotLimit = limit;
        // Descending, so that the lowest is used first.
        for (var slot = limit - 1; slot >= 0; slot--)
        {
            if (!live.Contains(slot) && !isOccupied(slot))
                _free.Add(slot);
        }
        _current = new Snapshot(_index, _table, live);
    }

    /// <summary>The rows of this moment. To be left again.</summary>
    /// <exception cref="ObjectDisposedException">The shard is closed.</exception>
    public Snapshot Enter()
    {
        while (true)
        {
            var snapshot = Volatile.Read(ref _current);
            ObjectDisposedException.ThrowIf(snapshot is null, typeof(Shard));
            snapshot.Enter();
            // Only a snapshot that is current after it was entered is sure to be seen by the writer as entered.
            if (ReferenceEquals(snapshot, Volatile.Read(ref _current)))
                return snapshot;
            snapshot.Leave();
        }
    }

    /// <summary>An unused slot, with room for it in memory. Writer only, as are all the following.</summary>
    public int TakeSlot(Func<long, bool> isOccupied)
    {
        int slot;
        if (_free.Count > 0)
        {
            slot = _free[^1];
            _free.RemoveAt(_free.Count - 1);
        }
        else
        {
            do
                slot = _slotLimit++;
            while (isOccupied(slot));
        }
        _index.Reserve(slot + 1);
        _table.Reserve(slot + 1);
        return slot;
    }

    /// <summary>Gives back slots of rows that were never published.</summary>
    public void GiveBack(ReadOnlySpan<int> slots) => _free.AddRange(slots);

    /// <summary>Makes slots usable again that no reader can see any more.</summary>
    public void Reclaim()
    {
        while (_retired.TryPeek(out var retired) && !retired.Superseded.IsEntered)
        {
            _retired.Dequeue();
            _index.Remove(retired.Freed);
            _free.AddRange(retired.Freed);
        }
    }

    /// <summary>Searches that start now can find this very row in the slot.</summary>
    public bool Holds(int slot, PointKey key, long version) =>
        IsPublished(slot) && _table.Version(slot) == version && _table.Key(slot) == key;

    /// <summary>Searches that start now can see the row in the slot.</summary>
    public bool IsPublished(int slot) => _current!.Live.Contains(slot);

    /// <summary>Records key and version of a new row that is not published yet.</summary>
    public void Describe(int slot, PointKey key, long version) => _table.Set(slot, key.Span, version);

    /// <summary>Shows a committed transaction to searches, all at once.</summary>
    public void Publish(PendingRows rows)
    {
        _index.Add(rows.Added, rows.Vectors(Schema.Dimensions));
        var superseded = _current!;
        var live = superseded.Live.With(rows.Added, [.. rows.Removed, .. rows.Hidden]);
        Debug.Assert(
            live.Count + rows.Removed.Length + rows.Hidden.Length == superseded.Live.Count + rows.Added.Length);
        Interlocked.Exchange(ref _current, new Snapshot(_index, _table, live));
        _retired.Enqueue((superseded, rows.Removed.ToArray()));
        GiveBack(rows.Taken);
    }

    /// <summary>Waits for running searches, refuses new ones, and frees the memory.</summary>
    public void Dispose()
    {
        var last = Interlocked.Exchange(ref _current, null);
        if (last is null)
            return;
        var wait = new SpinWait();
        while (last.IsEntered || _retired.Any(retired => retired.Superseded.IsEntered))
            wait.SpinOnce();
        _index.Dispose();
    }
}

/// <summary>The rows of one moment, which do not change while somebody is in.</summary>
internal sealed class Snapshot(IVectorIndex index, SlotTable table, LiveSlots live)
{
    int _readers;

    public IVectorIndex Index => index;

    public SlotTable Table => table;

    public LiveSlots Live => live;

    public bool IsEntered => Volatile.Read(ref _readers) != 0;

    public void Enter() => Interlocked.Increment(ref _readers);

    public void Leave() => Interlocked.Decrement(ref _readers);
}
