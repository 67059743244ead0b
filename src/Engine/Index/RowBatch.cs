namespace VectorDb.Engine.Index;

/// <summary>Some rows on their way into the graph: slots, vectors, checksums. Used again and again by one thread.</summary>
internal sealed class RowBatch(int dimensions)
{
    int[] _slots = [];
    float[] _vectors = [];
    long[] _stamps = [];
    int _room;

    public int Count { get; private set; }

    public bool IsFull => Count == _room;

    public ReadOnlySpan<int> Slots => _slots.AsSpan(0, Count);

    public ReadOnlySpan<float> Vectors => _vectors.AsSpan(0, Count * dimensions);

    public ReadOnlySpan<long> Stamps => _stamps.AsSpan(0, Count);

    /// <summary>How many rows the next batch takes at most.</summary>
    public void SetRoom(int rows)
    {
        _room = rows;
        if (_slots.Length < rows)
            (_slots, _vectors, _stamps) = (new int[rows], new float[rows * dimensions], new long[rows]);
    }

    public void Clear() => Count = 0;

    public void Add(int slot, ReadOnlySpan<float> vector, long stamp)
    {
        vector.CopyTo(_vectors.AsSpan(Count * dimensions));
        (_slots[Count], _stamps[Count]) = (slot, stamp);
        Count++;
    }
}
