using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// A sample of the vertices with 1-bit codes relative to the centre, scanned at the start of a walk: beginning near the
/// query saves the hops that one fixed entry would need, and reaches parts that edges might not. Only hints: a reader that
/// sees half an entry starts somewhere else. One writer appends; anyone reads.
/// </summary>
internal sealed unsafe class EntryPoints(VertexLayout layout) : IDisposable
{
    /// <summary>Where more would cost a search more than they save (guess, to be measured with a million rows).</summary>
    public const int Limit = 2048;

    readonly VertexLayout _entryLayout = layout;
    readonly ulong[] _signs = new ulong[layout.PaddedDimensions / 64];
    readonly sbyte[] _zeros = new sbyte[layout.PaddedDimensions];
    nint[] _blocks = [];
    int _count;

    public int Count => Volatile.Read(ref _count);

    public long Bytes => (long)_blocks.Length * _entryLayout.Stride;

    /// <summary>Makes a vertex, whose vector stands in its block, a place to start from.</summary>
    public void Add(int vertex, VertexHeader* block)
    {
        if (_count == _blocks.Length * FastScan.Width)
            AddBlock();
        var entries = (VertexHeader*)_blocks[_count / FastScan.Width];
        var place = _count % FastScan.Width;
        SignCode.Factors factors;
        fixed (sbyte* zeros = _zeros)
        fixed (ulong* signs = _signs)
        {
            factors = SignCode.Encode(VertexLayout.Code(block), new(zeros, 0), _entryLayout.PaddedDimensions, signs);
            FastScan.Write(_entryLayout.Codes(entries), place, signs, _signs.Length);
        }
        _entryLayout.Rescales(entries)[place] = factors.Rescale;
        _entryLayout.Neighbors(entries)[place] = vertex;
        if (_entryLayout.KeepsNorms)
            _entryLayout.Norms(entries)[place] = block->SquaredNorm;
        Volatile.Write(ref _entryLayout.Addends(entries)[place], factors.Addend);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>Gives a walk its first candidates: the best by estimate of each block of 32.</summary>
    public void Start(Walk walk)
    {
        var estimates = stackalloc float[FastScan.Width];
        foreach (var memory in Volatile.Read(ref _blocks))
        {
            var entries = (VertexHeader*)memory;
            walk.Query.EstimateEntries(entries, _entryLayout, estimates);
            var best = 0;
            for (var i = 1; i < FastScan.Width; i++)
                best = estimates[i] < estimates[best] ? i : best;
            if (float.IsFinite(estimates[best]))
                walk.AddStart(estimates[best], _entryLayout.Neighbors(entries)[best]);
        }
    }

    void AddBlock()
    {
        var block = (VertexHeader*)NativeMemory.AlignedAlloc((nuint)_entryLayout.Stride, 64);
        NativeMemory.Clear(block, (nuint)_entryLayout.Stride);
        new Span<float>(_entryLayout.Addends(block), FastScan.Width).Fill(float.PositiveInfinity);
        Volatile.Write(ref _blocks, [.. _blocks, (nint)block]);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.AlignedFree((void*)block);
        _blocks = [];
    }
}
