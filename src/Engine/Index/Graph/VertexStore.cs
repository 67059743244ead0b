using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The blocks of all vertices in native memory, by vertex number. Segments never move, so readers keep pointers while a
/// writer grows the store. One writer grows; anyone reads.
/// </summary>
internal sealed unsafe class VertexStore : IDisposable
{
    // A system that gives memory only where it is touched can give room in large pieces.
    static readonly int SegmentBytesAim = HugePages.OnTouch ? 32 << 20 : 2 << 20;

    readonly int _shift;
    readonly int _mask;
    nint[] _segments = [];
    nint[] _counts = [];
    int _reserved;

    public VertexStore(VertexLayout layout)
    {
        Layout = layout;
        var perSegment = BitOperations.RoundUpToPowerOf2((uint)(SegmentBytesAim / layout.Stride));
        _shift = BitOperations.Log2(perSegment);
        _mask = (int)perSegment - 1;
    }

    public VertexLayout Layout { get; }

    /// <summary>Blocks that stand one after another: those of vertices from a multiple of this on.</summary>
    public int SegmentVertices => _mask + 1;

    /// <summary>Vertices that have memory.</summary>
    public int Capacity => _segments.Length << _shift;

    /// <summary>Memory in use: whole pages of the blocks up to the last reserved one.</summary>
    public long Bytes
    {
        get
        {
            var full = Volatile.Read(ref _reserved) >> _shift;
            var rest = (long)(Volatile.Read(ref _reserved) & _mask) * Layout.Stride;
            var touched = HugePages.OnTouch ? (rest + HugePages.PageBytes - 1) & ~(HugePages.PageBytes - 1L) : SegmentBytes;
            return full * SegmentBytes + (rest == 0 ? 0 : Math.Min(touched, SegmentBytes)) + _counts.Length * ((long)sizeof(int) << _shift);
        }
    }

    long SegmentBytes => (long)Layout.Stride << _shift;

    public VertexHeader* Block(int vertex)
    {
        var segment = (byte*)_segments[vertex >> _shift];
        return (VertexHeader*)(segment + (nint)(vertex & _mask) * Layout.Stride);
    }

    /// <summary>Asks the memory for what <see cref="PlacedQuery.FineKey"/> reads of a vertex that a walk has visited.</summary>
    public void PrefetchTail(int vertex)
    {
        if (!Sse.IsSupported)
            return;
        var tail = Layout.Tail(Block(vertex));
        for (var i = 0; i < Layout.PaddedDimensions / 2; i += 64)
            Sse.Prefetch0(tail + i);
    }

    /// <summary>Asks the memory for what <see cref="PlacedQuery.Key"/> reads of a vertex.</summary>
    public void PrefetchVector(int vertex)
    {
        if (!Sse.IsSupported)
            return;
        var block = (byte*)Block(vertex);
        for (var i = 0; i < Layout.CodesAt; i += 64)
            Sse.Prefetch0(block + i);
    }

    /// <summary>How many edges lead to the vertex. Not in its block: changed and read when the block is not.</summary>
    public ref int Incoming(int vertex) => ref ((int*)_counts[vertex >> _shift])[vertex & _mask];

    /// <summary>Gives memory to vertices 0 to <paramref name="count"/> - 1, all of it at once. Readers go on meanwhile.</summary>
    /// <param name="count">Never fewer than before.</param>
    /// <param name="isFilled">The caller writes all of it at once, and so need not wait for it to be taken from the system before.</param>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public void Reserve(int count, bool isFilled = false)
    {
        while (Capacity < count)
        {
            Volatile.Write(ref _counts, [.. _counts, (nint)NativeMemory.AllocZeroed((nuint)sizeof(int) << _shift)]);
            Volatile.Write(ref _segments, [.. _segments, (nint)HugePages.Allocate(SegmentBytes)]);
        }
        if (isFilled)
            _reserved = Math.Max(_reserved, count);
        for (; _reserved < count; _reserved++)
            NativeMemory.Clear(Block(_reserved), (nuint)Layout.Stride);
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            HugePages.Free((void*)segment, SegmentBytes);
        foreach (var counts in _counts)
            NativeMemory.Free((void*)counts);
        (_segments, _counts, _reserved) = ([], [], 0);
    }
}
