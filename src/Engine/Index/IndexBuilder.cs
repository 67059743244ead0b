using System.Runtime.InteropServices;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Index;

/// <summary>
/// Fills a shard's index from rows that come by ascending slot, before anybody searches: those that a saved graph has become
/// linked, the others fresh.
/// </summary>
internal sealed class IndexBuilder(FreshRows fresh, GraphIndex? graph, SlotTable table, Action<long>? progress)
{
    const int BatchRows = 1024;

    /// <summary>Rows between two calls of the progress callback.</summary>
    const int ProgressRows = 16 * BatchRows;

    readonly RowBatch _batch = NewBatch(fresh.Dimensions);
    readonly List<int> _linked = new(BatchRows);
    long _count;

    /// <summary>The flushed rows that are scanned.</summary>
    public LiveSlots Fresh { get; private set; } = LiveSlots.Empty;

    /// <summary>The flushed rows that the graph has.</summary>
    public LiveSlots Linked { get; private set; } = LiveSlots.Empty;

    public int Count => Fresh.Count + Linked.Count;

    public void Add(int slot, ReadOnlySpan<byte> key, long version, ReadOnlySpan<float> vector, long checksum)
    {
        table.Reserve(slot + 1);
        table.Set(slot, key, version);
        if (graph?.Holds(slot, checksum) == true)
            _linked.Add(slot);
        else
            _batch.Add(slot, vector, checksum);
        if (_batch.IsFull || _linked.Count == BatchRows)
            Flush();
        if (++_count % ProgressRows == 0)
            progress?.Invoke(_count);
    }

    public void Flush()
    {
        fresh.Add(_batch.Slots, _batch.Vectors, _batch.Stamps);
        Fresh = Fresh.With(added: _batch.Slots, removed: []);
        Linked = Linked.With(added: CollectionsMarshal.AsSpan(_linked), removed: []);
        _batch.Clear();
        _linked.Clear();
    }

    /// <summary>Whether a flushed row is in the slot.</summary>
    public bool Contains(long slot) =>
        slot is >= 0 and <= int.MaxValue && (Fresh.Contains((int)slot) || Linked.Contains((int)slot));

    static RowBatch NewBatch(int dimensions)
    {
        var batch = new RowBatch(dimensions);
        batch.SetRoom(BatchRows);
        return batch;
    }
}
