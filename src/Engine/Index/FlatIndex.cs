using System.Buffers;
using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// Every vector as float32 in native memory, and a search that scores all of them: exact, the oracle of the others.
/// Rows stand in chunks by slot, so growing never moves a row that a search is reading.
/// </summary>
internal sealed unsafe class FlatIndex : IVectorIndex
{
    /// <summary>
    /// Rows that one word of <see cref="LiveSlots"/> covers, scored together while they are in the cache.
    /// </summary>
    const int BlockRows = 64;

    /// <summary>
    /// Large enough that the allocator gives whole pages back, small enough for a shard of a few rows.
    /// </summary>
    const int ChunkBytesAim = 4 << 20;

    const nuint Alignment = 64;

    readonly int _stride;
    readonly int _chunkRows;
    nint[] _chunks = [];

    public FlatIndex(int dimensions, Metric metric)
    {
        Dimensions = dimensions;
        Metric = metric;
        _stride = RowScores.Stride(dimensions);
        var rowsAim = ChunkBytesAim / (_stride * sizeof(float));
        _chunkRows = Math.Max(BlockRows, (int)BitOperations.RoundUpToPowerOf2((uint)rowsAim));
    }

    public int Dimensions { get; }

    public Metric Metric { get; }

    public long Bytes => (long)_chunks.Length * ChunkBytes;

    long ChunkBytes => (long)_chunkRows * _stride * sizeof(float);

    public void Reserve(int slotLimit)
    {
        var chunkCount = (slotLimit + _chunkRows - 1) / _chunkRows;
        if (chunkCount <= _chunks.Length)
            return;
        var chunks = new nint[chunkCount];
        _chunks.CopyTo(chunks, 0);
        for (var i = _chunks.Length; i < chunkCount; i++)
        {
            // Zeroed, because the padding of rows and the rows of a block not yet used are read by the kernel.
            var chunk = NativeMemory.AlignedAlloc((nuint)ChunkBytes, Alignment);
            NativeMemory.Clear(chunk, (nuint)ChunkBytes);
            chunks[i] = (nint)chunk;
        }
        Volatile.Write(ref _chunks, chunks);
    }

    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors)
    {
        Debug.Assert(vectors.Length == slots.Length * Dimensions);
        for (var i = 0; i < slots.Length; i++)
        {
            Reserve(slots[i] + 1);
            vectors.Slice(i * Dimensions, Dimensions).CopyTo(new Span<float>(Row(_chunks, slots[i]), Dimensions));
        }
    }

    public void Remove(ReadOnlySpan<int> slots)
    {
        // The row stays as it is until its slot is used again: no snapshot contains it.
    }

    public void Search(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        Debug.Assert(query.Vectors.Length == nearest.Length * Dimensions);
        var length = nearest.Length * _stride + RowScores.Lanes;
        var rented = ArrayPool<float>.Shared.Rent(length);
        try
        {
            fixed (float* start = rented)
            {
                var queries = (float*)(((nuint)start + Alignment - 1) & ~(Alignment - 1));
                for (var i = 0; i < nearest.Length; i++)
                {
                    var padded = new Span<float>(queries + (nint)i * _stride, _stride);
                    query.Vectors.Slice(i * Dimensions, Dimensions).CopyTo(padded);
                    padded[Dimensions..].Clear();
                }
                Scan(queries, nearest, query.Live, query.Cancellation);
            }
        }
        finally
        {
            ArrayPool<float>.Shared.Return(rented);
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
            NativeMemory.AlignedFree((void*)chunk);
        _chunks = [];
    }

    void Scan(float* queries, ReadOnlySpan<TopK> nearest, LiveSlots live, CancellationToken cancellation)
    {
        var chunks = Volatile.Read(ref _chunks);
        Span<float> ranks = stackalloc float[RowScores.QueryTile * BlockRows];
        for (var block = 0; block < live.WordCount; block++)
        {
            var rowMask = live.Word(block);
            if (rowMask == 0)
                continue;
            cancellation.ThrowIfCancellationRequested();
            var slot = block * BlockRows;
            var rows = Row(chunks, slot);
            for (var i = 0; i < nearest.Length;)
            {
                var tile = nearest.Length - i >= RowScores.QueryTile ? RowScores.QueryTile : 1;
                var tileRanks = ranks[..(tile * BlockRows)];
                RowScores.Rank(Metric, queries + (nint)i * _stride, tile, rows, _stride, tileRanks);
                for (var end = i + tile; i < end; i++, tileRanks = tileRanks[BlockRows..])
                    OfferBlock(nearest[i], tileRanks[..BlockRows], rowMask, slot);
            }
        }
    }

    static void OfferBlock(TopK nearest, ReadOnlySpan<float> ranks, ulong rowMask, int firstSlot)
    {
        var threshold = Vector512.Create(nearest.Threshold);
        var reaching = 0UL;
        for (var i = 0; i < BlockRows; i += Vector512<float>.Count)
        {
            var reach = Vector512.GreaterThanOrEqual(Vector512.Create(ranks[i..]), threshold);
            reaching |= reach.ExtractMostSignificantBits() << i;
        }
        for (reaching &= rowMask; reaching != 0; reaching &= reaching - 1)
        {
            var row = BitOperations.TrailingZeroCount(reaching);
            nearest.Offer(ranks[row], firstSlot + row);
        }
    }

    float* Row(nint[] chunks, int slot) => (float*)chunks[slot / _chunkRows] + (nint)(slot % _chunkRows) * _stride;
}
