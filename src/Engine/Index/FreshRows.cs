using System.Numerics;
using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// The rows that no graph holds: float32 in native memory, packed, scanned whole by every search. All rows of a small shard,
/// those written last of a large one. One thread at a time changes it; any number search meanwhile.
/// </summary>
/// <remarks>
/// A row stands at a place, which has nothing to do with its slot. A place is used again only when no snapshot has its slot
/// among the fresh ones any more, and a search touches the numbers of a place only if its own snapshot does: so neither a row
/// that it reads nor the memory of it can go.
/// </remarks>
internal sealed unsafe class FreshRows : IDisposable
{
    /// <summary>Small, so that memory goes back soon; a few hundred rows of embeddings. A guess.</summary>
    const int ChunkBytesAim = 1 << 20;

    const int NoSlot = -1;

    readonly int _stride;
    readonly int _chunkRows;
    readonly bool _haveCodes;
    readonly PriorityQueue<int, int> _free = new();
    readonly Dictionary<int, int> _places = [];
    Chunk[] _chunks = [];
    int _next;

    public FreshRows(int dimensions, Metric metric)
    {
        (Dimensions, Metric) = (dimensions, metric);
        (_stride, _haveCodes) = (RowScores.Stride(dimensions), RowCodes.Suit(dimensions, metric));
        var rowsAim = ChunkBytesAim / (_stride * sizeof(float));
        _chunkRows = Math.Max(RowScan.BlockRows, (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(1, rowsAim)));
    }

    public int Dimensions { get; }

    public Metric Metric { get; }

    /// <summary>Rows held, those included that only old snapshots still need.</summary>
    public int Count => _places.Count;

    public long Bytes => Volatile.Read(ref _chunks).Sum(chunk => chunk.Rows == null ? 0 : ChunkBytes + CodeBytes + _chunkRows * 12L);

    long ChunkBytes => (long)_chunkRows * _stride * sizeof(float);

    long CodeBytes => _haveCodes ? RowCodes.BytesOf(_chunkRows, Dimensions) : 0;

    /// <summary>Makes memory for this many more rows.</summary>
    public void Reserve(int more)
    {
        while (_free.Count < more)
            AddChunk();
        // The lowest places are taken first, and their chunk may have given its memory back.
        var ready = 0;
        for (var i = 0; ready < more; i++)
        {
            if (_chunks[i].Rows == null)
                Allocate(_chunks[i]);
            ready += _chunkRows - _chunks[i].Used;
        }
    }

    /// <param name="slots">Distinct, none of them held.</param>
    /// <param name="vectors">float32, slots.Length x Dimensions.</param>
    /// <param name="stamps">The checksums of the rows.</param>
    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors, ReadOnlySpan<long> stamps)
    {
        for (var i = 0; i < slots.Length; i++)
        {
            if (_free.Count == 0)
                AddChunk();
            var place = _free.Dequeue();
            var chunk = _chunks[place / _chunkRows];
            var at = place % _chunkRows;
            if (chunk.Rows == null)
                Allocate(chunk);
            vectors.Slice(i * Dimensions, Dimensions).CopyTo(new Span<float>(Row(chunk, at), Dimensions));
            chunk.Codes?.Set(at, Row(chunk, at));
            chunk.Stamps[at] = stamps[i];
            Volatile.Write(ref chunk.Slots[at], slots[i]);
            chunk.Used++;
            _places.Add(slots[i], place);
        }
    }

    /// <summary>Gives the place of a slot back, when no snapshot has the slot among the fresh ones; does nothing if it has none.</summary>
    public void Free(int slot)
    {
        if (!_places.Remove(slot, out var place))
            return;
        var chunk = _chunks[place / _chunkRows];
        Volatile.Write(ref chunk.Slots[place % _chunkRows], NoSlot);
        _free.Enqueue(place, place);
        if (--chunk.Used == 0)
            Release(chunk);
    }

    /// <summary>Copies rows out, going on where the last call ended.</summary>
    /// <param name="wanted">Which slots.</param>
    /// <param name="batch">Filled, as far as there are rows.</param>
    public void Take(Func<int, bool> wanted, RowBatch batch)
    {
        batch.Clear();
        var all = _chunks.Length * _chunkRows;
        for (var seen = 0; seen < all && !batch.IsFull; seen++, _next++)
        {
            _next = _next < all ? _next : 0;
            var (chunk, at) = (_chunks[_next / _chunkRows], _next % _chunkRows);
            if (chunk.Used == 0)
            {
                (seen, _next) = (seen + _chunkRows - at - 1, _next + _chunkRows - at - 1);
                continue;
            }
            if (chunk.Slots[at] is var slot && slot != NoSlot && wanted(slot))
                batch.Add(slot, new ReadOnlySpan<float>(Row(chunk, at), Dimensions), chunk.Stamps[at]);
        }
    }

    /// <summary>Scores every row of the set that is here.</summary>
    public void Search(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        if (query.Live.Count == 0)
            return;
        var isCoded = _haveCodes && RowScan.PaysToCode(nearest.Length, query.Live.Count);
        using var scan = new RowScan(Metric, Dimensions, query.Vectors, nearest, isCoded);
        foreach (var chunk in Volatile.Read(ref _chunks))
        {
            if (Volatile.Read(ref chunk.Used) == 0)
                continue;
            for (var at = 0; at < _chunkRows; at += RowScan.BlockRows)
            {
                var slots = chunk.Slots.AsSpan(at, RowScan.BlockRows);
                if (Mask(slots, query.Live) is not 0 and var mask)
                {
                    query.Cancellation.ThrowIfCancellationRequested();
                    if (isCoded)
                        scan.Block(Row(chunk, at), chunk.Codes!.Block(at), mask, slots);
                    else
                        scan.Block(Row(chunk, at), mask, slots);
                }
            }
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
            Release(chunk);
        _chunks = [];
    }

    static ulong Mask(ReadOnlySpan<int> slots, LiveSlots live)
    {
        var mask = 0UL;
        for (var i = 0; i < slots.Length; i++)
        {
            // Read once: a place that no snapshot needs any more may be given back meanwhile.
            var slot = Volatile.Read(in slots[i]);
            if (slot != NoSlot && live.Contains(slot))
                mask |= 1UL << i;
        }
        return mask;
    }

    void AddChunk()
    {
        var chunk = new Chunk { Slots = new int[_chunkRows], Stamps = new long[_chunkRows] };
        Array.Fill(chunk.Slots, NoSlot);
        Allocate(chunk);
        var first = _chunks.Length * _chunkRows;
        Volatile.Write(ref _chunks, [.. _chunks, chunk]);
        for (var place = first; place < first + _chunkRows; place++)
            _free.Enqueue(place, place);
    }

    void Allocate(Chunk chunk)
    {
        // Zeroed, because the kernel also reads the padding of rows and the rows of a block that are not used.
        var rows = NativeMemory.AlignedAlloc((nuint)ChunkBytes, RowScan.Alignment);
        NativeMemory.Clear(rows, (nuint)ChunkBytes);
        if (_haveCodes)
            chunk.Codes = new(_chunkRows, Dimensions);
        chunk.Rows = (float*)rows;
    }

    static void Release(Chunk chunk)
    {
        NativeMemory.AlignedFree(chunk.Rows);
        chunk.Rows = null;
        chunk.Codes?.Dispose();
        chunk.Codes = null;
    }

    float* Row(Chunk chunk, int at) => chunk.Rows + (nint)at * _stride;

    sealed class Chunk
    {
        public required int[] Slots;
        public required long[] Stamps;
        public float* Rows;
        public RowCodes? Codes;
        public int Used;
    }
}
