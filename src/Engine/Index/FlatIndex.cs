using System.Diagnostics;
using System.Numerics;
using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// Every vector as float32 in native memory, and a search that scores all of them: exact, the oracle of the others.
/// Rows stand in chunks by slot, so growing never moves a row that a search is reading.
/// </summary>
internal sealed unsafe class FlatIndex : IVectorIndex
{
    /// <summary>
    /// Large enough that the allocator gives whole pages back, small enough for a shard of a few rows.
    /// </summary>
    const int ChunkBytesAim = 4 << 20;

    readonly int _stride;
    readonly int _chunkRows;
    nint[] _chunks = [];

    public FlatIndex(int dimensions, Metric metric)
    {
        Dimensions = dimensions;
        Metric = metric;
        _stride = RowScores.Stride(dimensions);
        var rowsAim = ChunkBytesAim / (_stride * sizeof(float));
        _chunkRows = Math.Max(RowScan.BlockRows, (int)BitOperations.RoundUpToPowerOf2((uint)rowsAim));
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
            var chunk = NativeMemory.AlignedAlloc((nuint)ChunkBytes, RowScan.Alignment);
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
        using var scan = new RowScan(Metric, Dimensions, query.Vectors, nearest);
        var chunks = Volatile.Read(ref _chunks);
        Span<int> slots = stackalloc int[RowScan.BlockRows];
        for (var block = query.Live.Skip(0); block < query.Live.WordCount; block = query.Live.Skip(block + 1))
        {
            var mask = query.Live.Word(block);
            if (mask == 0)
                continue;
            query.Cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < slots.Length; i++)
                slots[i] = block * RowScan.BlockRows + i;
            scan.Block(Row(chunks, slots[0]), mask, slots);
        }
    }

    public void Dispose()
    {
        foreach (var chunk in _chunks)
            NativeMemory.AlignedFree((void*)chunk);
        _chunks = [];
    }

    float* Row(nint[] chunks, int slot) => (float*)chunks[slot / _chunkRows] + (nint)(slot % _chunkRows) * _stride;
}
