namespace VectorDb.Engine.Index;

/// <summary>Fills a shard's index from rows that come by ascending slot, in batches, before anybody searches.</summary>
internal sealed class IndexBuilder(IVectorIndex index, SlotTable table, Action<long>? progress)
{
    const int BatchRows = 1024;

    /// <summary>Rows between two calls of the progress callback.</summary>
    const int ProgressRows = 16 * BatchRows;

    readonly List<int> _slots = new(BatchRows);
    readonly float[] _vectors = new float[BatchRows * index.Dimensions];
    long _count;

    /// <summary>The rows added and flushed.</summary>
    public LiveSlots Live { get; private set; } = LiveSlots.Empty;

    public void Add(int slot, ReadOnlySpan<byte> key, long version, ReadOnlySpan<float> vector)
    {
        table.Reserve(slot + 1);
        table.Set(slot, key, version);
        vector.CopyTo(_vectors.AsSpan(_slots.Count * index.Dimensions));
        _slots.Add(slot);
        if (_slots.Count == BatchRows)
            Flush();
    }

    public void Flush()
    {
        if (_slots.Count == 0)
            return;
        var slots = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_slots);
        index.Reserve(slots[^1] + 1);
        index.Add(slots, _vectors.AsSpan(0, slots.Length * index.Dimensions));
        Live = Live.With(added: slots, removed: []);
        _count += slots.Length;
        _slots.Clear();
        if (_count % ProgressRows == 0)
            progress?.Invoke(_count);
    }

    /// <summary>Whether a flushed row is in the slot.</summary>
    public bool Contains(long slot) => slot is >= 0 and <= int.MaxValue && Live.Contains((int)slot);
}
