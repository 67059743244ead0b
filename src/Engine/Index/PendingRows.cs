using System.Runtime.InteropServices;

namespace VectorDb.Engine.Index;

/// <summary>What a transaction will change in the index once it has committed. Reused by the writer.</summary>
internal sealed class PendingRows
{
    readonly List<int> _added = [];
    readonly List<int> _removed = [];
    readonly List<int> _hidden = [];
    readonly List<int> _taken = [];
    readonly List<long> _stamps = [];
    float[] _vectors = [];

    /// <summary>Slots of new rows.</summary>
    public ReadOnlySpan<int> Added => CollectionsMarshal.AsSpan(_added);

    /// <summary>Slots whose rows searches can see until the transaction is published.</summary>
    public ReadOnlySpan<int> Removed => CollectionsMarshal.AsSpan(_removed);

    /// <summary>Slots of damaged rows: searches shall not see them, and nothing else may use them.</summary>
    public ReadOnlySpan<int> Hidden => CollectionsMarshal.AsSpan(_hidden);

    /// <summary>Slots of rows that came and went inside the transaction: no search ever sees them.</summary>
    public ReadOnlySpan<int> Taken => CollectionsMarshal.AsSpan(_taken);

    /// <summary>Checksums of the new rows, parallel to <see cref="Added"/>.</summary>
    public ReadOnlySpan<long> Stamps => CollectionsMarshal.AsSpan(_stamps);

    public ReadOnlySpan<float> Vectors(int dimensions) => _vectors.AsSpan(0, _added.Count * dimensions);

    public bool IsEmpty => _added.Count + _removed.Count + _hidden.Count + _taken.Count == 0;

    public void Clear()
    {
        _added.Clear();
        _removed.Clear();
        _hidden.Clear();
        _taken.Clear();
        _stamps.Clear();
    }

    /// <summary>Adds a row and returns the place for its vector, valid until the next call.</summary>
    public Span<float> Add(int slot, int dimensions)
    {
        var start = _added.Count * dimensions;
        if (_vectors.Length < start + dimensions)
            Array.Resize(ref _vectors, Math.Max(2 * _vectors.Length, start + dimensions));
        _added.Add(slot);
        return _vectors.AsSpan(start, dimensions);
    }

    /// <summary>The checksum of the row added last.</summary>
    public void Stamp(long checksum) => _stamps.Add(checksum);

    public void Hide(int slot) => _hidden.Add(slot);

    /// <param name="slot">The row's.</param>
    /// <param name="isPublished">Searches can see the row; else it is one of this transaction.</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    public void Remove(int slot, bool isPublished, int dimensions)
    {
        if (isPublished)
        {
            _removed.Add(slot);
            return;
        }
        // The last row takes the place of the removed one.
        var index = _added.LastIndexOf(slot);
        var last = _added.Count - 1;
        _vectors.AsSpan(last * dimensions, dimensions).CopyTo(_vectors.AsSpan(index * dimensions));
        _added[index] = _added[last];
        _added.RemoveAt(last);
        _stamps[index] = _stamps[last];
        _stamps.RemoveAt(last);
        _taken.Add(slot);
    }
}
