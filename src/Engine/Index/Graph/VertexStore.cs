using System.Numerics;
using System.Runtime.InteropServices;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The blocks of all vertices in native memory, by vertex number. Segments never move, so readers keep pointers while a
/// writer grows the store. One writer grows; anyone reads.
/// </summary>
internal sealed unsafe class VertexStore : IDisposable
{
    const int SegmentBytesAim = 4 << 20;

    readonly int _shift;
    readonly int _mask;
    nint[] _segments = [];

    public VertexStore(VertexLayout layout)
    {
        Layout = layout;
        var perSegment = BitOperations.RoundUpToPowerOf2((uint)(SegmentBytesAim / layout.Stride));
        _shift = BitOperations.Log2(perSegment);
        _mask = (int)perSegment - 1;
    }

    public VertexLayout Layout { get; }

    /// <summary>Vertices that have memory.</summary>
    public int Capacity => _segments.Length << _shift;

    public long Bytes => _segments.Length * SegmentBytes;

    // Behind the blocks of a segment lie its vertices' counts of incoming edges: they are changed when the block is not.
    long SegmentBytes => ((long)Layout.Stride + sizeof(int)) << _shift;

    public VertexHeader* Block(int vertex)
    {
        var segment = (byte*)_segments[vertex >> _shift];
        return (VertexHeader*)(segment + (nint)(vertex & _mask) * Layout.Stride);
    }

    /// <summary>How many edges lead to the vertex.</summary>
    public ref int Incoming(int vertex)
    {
        var counts = (int*)((byte*)_segments[vertex >> _shift] + ((nint)Layout.Stride << _shift));
        return ref counts[vertex & _mask];
    }

    /// <summary>Gives memory to vertices 0 to <paramref name="count"/> - 1. Readers go on meanwhile.</summary>
    /// <exception cref="OutOfMemoryException">The system has no more.</exception>
    public void Reserve(int count)
    {
        while (Capacity < count)
            Volatile.Write(ref _segments, [.. _segments, (nint)HugePages.Allocate(SegmentBytes)]);
    }

    public void Dispose()
    {
        foreach (var segment in _segments)
            NativeMemory.AlignedFree((void*)segment);
        _segments = [];
    }
}
