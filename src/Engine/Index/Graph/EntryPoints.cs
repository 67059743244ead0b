using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// A sample of the vertices with 1-bit codes relative to the centre, scanned at the start of a walk: beginning near the
/// query saves the hops that one fixed entry would need, and reaches parts that edges might not. Only hints: a reader that
/// sees half an entry starts somewhere else. One writer appends; anyone reads.
/// </summary>
internal sealed unsafe class EntryPoints(VertexLayout layout) : IDisposable
{
    const int Most = 2048;

    readonly VertexLayout _layout = layout;
    readonly ulong[] _signs = new ulong[layout.PaddedDimensions / 64];
    readonly sbyte[] _zeros = new sbyte[layout.PaddedDimensions];
    readonly Dictionary<int, int> _places = [];
    nint[] _blocks = [];
    int _count;

    public int Count => Volatile.Read(ref _count);

    public long Bytes => (long)_blocks.Length * _layout.Stride;

    /// <summary>How many a graph of this size should have: scanning them and walking from them cost about the same.</summary>
    public static int Wanted(int vertexCount) => Math.Min(Most, 2 * (int)Math.Sqrt(vertexCount));

    /// <summary>Makes a vertex, whose vector stands in its block, a place to start from.</summary>
    public void Add(int vertex, VertexHeader* block)
    {
        if (_places.ContainsKey(vertex))
            return;
        if (_count == _blocks.Length * FastScan.Width)
            AddBlock();
        Write(_count, vertex, block);
        Volatile.Write(ref _count, _count + 1);
    }

    /// <summary>If the vertex is an entry, a live neighbour of it becomes one in its place.</summary>
    public void Replace(int vertex, QuantizedGraph graph)
    {
        if (!_places.Remove(vertex, out var place))
            return;
        var block = graph.Store.Block(vertex);
        foreach (var neighbor in new ReadOnlySpan<int>(graph.Store.Layout.Neighbors(block), block->EdgeCount))
            if (graph.Store.Block(neighbor)->Slot >= 0 && !_places.ContainsKey(neighbor))
            {
                Write(place, neighbor, graph.Store.Block(neighbor));
                return;
            }
        var entries = (VertexHeader*)_blocks[place / FastScan.Width];
        Volatile.Write(ref _layout.Addends(entries)[place % FastScan.Width], float.PositiveInfinity);
    }

    /// <summary>Gives a walk its first candidates: the best by estimate of each block of 32.</summary>
    public void Start(Walk walk)
    {
        var estimates = stackalloc float[FastScan.Width];
        foreach (var memory in Volatile.Read(ref _blocks))
        {
            var entries = (VertexHeader*)memory;
            walk.Query.EstimateEntries(entries, _layout, estimates);
            var best = Best(estimates);
            if (float.IsFinite(estimates[best]))
                walk.AddStart(estimates[best], _layout.Neighbors(entries)[best]);
        }
    }

    // The place of the smallest of 32.
    static int Best(float* estimates)
    {
        var (low, high) = (Vector512.Load(estimates), Vector512.Load(estimates + 16));
        var least = Vector512.Min(low, high);
        var half = Vector256.Min(least.GetLower(), least.GetUpper());
        var quarter = Vector128.Min(half.GetLower(), half.GetUpper());
        quarter = Vector128.Min(quarter, Vector128.Shuffle(quarter, Vector128.Create(2, 3, 0, 1)));
        quarter = Vector128.Min(quarter, Vector128.Shuffle(quarter, Vector128.Create(1, 0, 3, 2)));
        var best = Vector512.Create(quarter.ToScalar());
        var equal = Vector512.Equals(low, best).ExtractMostSignificantBits()
            | Vector512.Equals(high, best).ExtractMostSignificantBits() << 16;
        return BitOperations.TrailingZeroCount(equal) & (FastScan.Width - 1);
    }

    void Write(int at, int vertex, VertexHeader* block)
    {
        _places[vertex] = at;
        var entries = (VertexHeader*)_blocks[at / FastScan.Width];
        var place = at % FastScan.Width;
        SignCode.Factors factors;
        fixed (sbyte* zeros = _zeros)
        fixed (ulong* signs = _signs)
        {
            factors = SignCode.Encode(VertexLayout.Code(block), new(zeros, 0), _layout.PaddedDimensions, signs);
            FastScan.Write(_layout.Codes(entries), place, signs, _signs.Length);
        }
        _layout.Rescales(entries)[place] = SignCode.ToHalf(factors.Rescale);
        _layout.Neighbors(entries)[place] = vertex;
        if (_layout.KeepsNorms)
            _layout.Norms(entries)[place] = block->SquaredNorm;
        Volatile.Write(ref _layout.Addends(entries)[place], factors.Addend);
    }

    void AddBlock()
    {
        var block = (VertexHeader*)NativeMemory.AlignedAlloc((nuint)_layout.Stride, 64);
        NativeMemory.Clear(block, (nuint)_layout.Stride);
        new Span<float>(_layout.Addends(block), FastScan.Width).Fill(float.PositiveInfinity);
        Volatile.Write(ref _blocks, [.. _blocks, (nint)block]);
    }

    public void Dispose()
    {
        foreach (var block in _blocks)
            NativeMemory.AlignedFree((void*)block);
        _blocks = [];
    }
}
