using System.Diagnostics;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Index;

/// <summary>
/// The rows of a shard in memory: fresh ones as they are, the others in a graph, the keys of all slots, and the snapshot that
/// searches see. Readers enter a snapshot and leave it. A slot freed by a publication is used again only when every snapshot
/// that contains it has been left, so nothing that a reader may touch ever changes (read-copy-update, with reader counts for
/// the grace period).
/// </summary>
/// <remarks>
/// The shard's writer and the <see cref="Linker"/> both publish: the one new and removed rows, the other rows that moved into
/// the graph. <see cref="_state"/> keeps them apart; nothing slow happens under it, and readers never take it. The graph itself is
/// changed by the linker alone.
/// </remarks>
internal sealed class ShardIndex : IDisposable
{
    readonly FreshRows _fresh;
    readonly GraphIndex? _graph;
    readonly SlotTable _table = new();
    readonly Lock _state = new();
    readonly Queue<Retired> _retired = new();
    readonly List<int> _free = [];
    readonly List<int> _leaving = [];
    Func<long, bool> _isOccupied = _ => false;
    LiveSlots _held = LiveSlots.Empty;
    int _promised;
    int _slotLimit;
    Snapshot? _current;

    public ShardIndex(CollectionSchema schema, GraphOptions options)
    {
        Schema = schema;
        _fresh = new FreshRows(schema.Dimensions, schema.Metric);
        FlatBelow = options.FlatBelow;
        // The shard keeps small collections fresh itself, so the graph walks from its first vector on.
        if (schema.Dimensions is >= 2 and <= GraphIndex.MaxDimensions)
            _graph = new GraphIndex(schema.Dimensions, schema.Metric, options with { FlatBelow = 0, KeepFloats = false });
        _current = new Snapshot(_fresh, _graph, _table) { Live = LiveSlots.Empty, Fresh = LiveSlots.Empty, Linked = LiveSlots.Empty };
    }

    public CollectionSchema Schema { get; }

    /// <summary>With fewer live rows nothing is linked: scanning them is as fast, and exact.</summary>
    public int FlatBelow { get; }

    /// <summary>Null where the dimensions are outside its range.</summary>
    public GraphIndex? Graph => _graph;

    /// <summary>Keys and versions: the order of equal ranks.</summary>
    public SlotTable Table => _table;

    /// <summary>Live rows.</summary>
    public int Count => _current?.Live.Count ?? 0;

    /// <summary>Those of them that are scanned.</summary>
    public int FreshCount => _current?.Fresh.Count ?? 0;

    /// <summary>Those of them that the graph finds.</summary>
    public int LinkedCount => _current?.Linked.Count ?? 0;

    public long Bytes
    {
        get
        {
            lock (_state)
                return _fresh.Bytes + (_graph?.Bytes ?? 0) + _table.Bytes;
        }
    }

    /// <summary>For loading, before anybody else knows of this object; ends with <see cref="Loaded"/>.</summary>
    public IndexBuilder Builder(Action<long>? progress) => new(_fresh, _graph, _table, progress);

    /// <summary>Takes over what a builder has loaded.</summary>
    /// <param name="builder">Flushed.</param>
    /// <param name="isOccupied">Slots that are neither live nor free: damaged rows.</param>
    public void Loaded(IndexBuilder builder, Func<int, bool> isOccupied)
    {
        var live = builder.Fresh.With(added: Slots(builder.Linked), removed: []);
        _isOccupied = slot => isOccupied((int)slot);
        if (_graph is not null)
            _held = LiveSlots.Empty.With(added: _graph.HeldSlots(), removed: []);
        foreach (var slot in Slots(_held))
        {
            if (!builder.Linked.Contains(slot))
                _leaving.Add(slot);
        }
        var limit = Math.Max(live.WordCount, _held.WordCount) * 64;
        while (limit > 0 && !IsTaken(live, limit - 1))
            limit--;
        _slotLimit = limit;
        // Descending, so that the lowest is used first.
        for (var slot = limit - 1; slot >= 0; slot--)
        {
            if (!IsTaken(live, slot))
                _free.Add(slot);
        }
        _current = new Snapshot(_fresh, _graph, _table) { Live = live, Fresh = builder.Fresh, Linked = builder.Linked };
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

    /// <summary>An unused slot, with room for it in memory. Writer only, as are all that do not say otherwise.</summary>
    public int TakeSlot(Func<long, bool> isOccupied)
    {
        lock (_state)
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
            _fresh.Reserve(++_promised);
            _table.Reserve(slot + 1);
            return slot;
        }
    }

    /// <summary>Gives back slots of rows that were never published.</summary>
    public void GiveBack(ReadOnlySpan<int> slots)
    {
        lock (_state)
        {
            _promised = 0;
            _free.AddRange(slots);
        }
    }

    /// <summary>Makes slots usable again that no reader can see any more. Writer and linker.</summary>
    public void Reclaim()
    {
        lock (_state)
        {
            while (_retired.TryPeek(out var retired) && !retired.Superseded.IsEntered)
            {
                _retired.Dequeue();
                foreach (var slot in retired.Moved)
                    _fresh.Free(slot);
                foreach (var slot in retired.Removed)
                {
                    _fresh.Free(slot);
                    // The graph still has it, or is being given it: the linker takes it out and frees the slot then.
                    (_held.Contains(slot) ? _leaving : _free).Add(slot);
                }
            }
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
        lock (_state)
        {
            _fresh.Add(rows.Added, rows.Vectors(Schema.Dimensions), rows.Stamps);
            int[] gone = [.. rows.Removed, .. rows.Hidden];
            var current = _current!;
            Debug.Assert(gone.All(current.Live.Contains));
            Replace(new Snapshot(_fresh, _graph, _table)
            {
                Live = current.Live.With(rows.Added, gone),
                Fresh = current.Fresh.With(rows.Added, Among(gone, current.Fresh)),
                Linked = current.Linked.With([], Among(gone, current.Linked)),
            });
            _retired.Enqueue(new Retired(current, Removed: rows.Removed.ToArray(), Moved: []));
            GiveBack(rows.Taken);
        }
    }

    /// <summary>Rows that the graph should be given, which then counts as holding them. Linker only.</summary>
    public void TakeFresh(RowBatch batch)
    {
        lock (_state)
        {
            var current = _current;
            if (current is null || _graph is null || current.Live.Count < FlatBelow && _held.Count == 0)
            {
                batch.Clear();
                return;
            }
            var (fresh, held) = (current.Fresh, _held);
            _fresh.Take(slot => fresh.Contains(slot) && !held.Contains(slot), batch);
            _held = _held.With(added: batch.Slots, removed: []);
        }
    }

    /// <summary>The graph finds these now: searches that start from here on leave them out of the scan. Linker only.</summary>
    public void Linked(ReadOnlySpan<int> slots)
    {
        lock (_state)
        {
            var current = _current!;
            // Those removed meanwhile are not fresh any more; they are taken out again when no reader needs them.
            var moved = Among(slots.ToArray(), current.Fresh);
            Replace(new Snapshot(_fresh, _graph, _table)
            {
                Live = current.Live,
                Fresh = current.Fresh.With([], moved),
                Linked = current.Linked.With(moved, []),
            });
            _retired.Enqueue(new Retired(current, Removed: [], Moved: moved));
        }
    }

    /// <summary>Slots that the graph must give up. Linker only.</summary>
    public int[] TakeLeaving(int most)
    {
        lock (_state)
        {
            var count = Math.Min(most, _leaving.Count);
            var slots = _leaving.GetRange(_leaving.Count - count, count).ToArray();
            _leaving.RemoveRange(_leaving.Count - count, count);
            return slots;
        }
    }

    /// <summary>The graph has given them up. Linker only.</summary>
    public void Left(ReadOnlySpan<int> slots)
    {
        lock (_state)
        {
            _held = _held.With(added: [], removed: slots);
            foreach (var slot in slots)
            {
                // A slot whose saved vector was not that of its row is in use all the time.
                if (!_current!.Live.Contains(slot) && !_isOccupied(slot))
                    _free.Add(slot);
            }
        }
    }

    /// <summary>Whether there are rows to link, or linked ones: below the threshold a shard that never had more is scanned.</summary>
    public bool IsWorthLinking
    {
        get
        {
            lock (_state)
                return _graph is not null && _current is { } current
                    && (_leaving.Count > 0 || (current.Fresh.Count > 0 && (current.Live.Count >= FlatBelow || _held.Count > 0)));
        }
    }

    /// <summary>Whether the linker has, or will soon have, something to do. Any thread.</summary>
    public bool HasLinking
    {
        get
        {
            lock (_state)
            {
                return _retired.Count > 0 || IsWorthLinking;
            }
        }
    }

    /// <summary>Whether there is more to do than to wait for readers. Any thread.</summary>
    public bool HasWork
    {
        get
        {
            lock (_state)
                return IsWorthLinking || (_retired.TryPeek(out var retired) && !retired.Superseded.IsEntered);
        }
    }

    /// <summary>Waits for running searches, refuses new ones, and frees the memory. The linker has stopped.</summary>
    public void Dispose()
    {
        var last = Interlocked.Exchange(ref _current, null);
        if (last is null)
            return;
        var wait = new SpinWait();
        while (last.IsEntered || _retired.Any(retired => retired.Superseded.IsEntered))
            wait.SpinOnce();
        _fresh.Dispose();
        _graph?.Dispose();
    }

    void Replace(Snapshot next) => Interlocked.Exchange(ref _current, next);

    bool IsTaken(LiveSlots live, int slot) => live.Contains(slot) || _held.Contains(slot) || _isOccupied(slot);

    static int[] Among(int[] slots, LiveSlots set) => Array.FindAll(slots, set.Contains);

    static int[] Slots(LiveSlots set)
    {
        var slots = new int[set.Count];
        var count = 0;
        for (var word = set.Skip(0); word < set.WordCount; word = set.Skip(word + 1))
        {
            for (var bits = set.Word(word); bits != 0; bits &= bits - 1)
                slots[count++] = word * 64 + System.Numerics.BitOperations.TrailingZeroCount(bits);
        }
        return slots;
    }

    /// <summary>What can be reused when a snapshot and all before it have been left.</summary>
    /// <param name="Superseded">The last one that contains them.</param>
    /// <param name="Removed">Slots that no row has any more.</param>
    /// <param name="Moved">Slots whose rows are in the graph now.</param>
    readonly record struct Retired(Snapshot Superseded, int[] Removed, int[] Moved);
}
