using System.Numerics;
using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Writes edges into blocks, under the blocks' locks. One a thread; several may work on one graph at a time, since the
/// sequence number of a block is also the lock of its writers, and no one holds two.
/// </summary>
internal sealed unsafe class EdgeWriter : IDisposable
{
    /// <summary>A vertex with no more incoming edges than this keeps them: it might become unreachable.</summary>
    const int FewIncoming = 2;

    /// <summary>Blocks asked for before they are needed.</summary>
    const int ReadAhead = 4;

    readonly VertexStore _store;
    readonly VertexLayout _layout;
    readonly ulong* _signs;
    readonly float* _estimates;
    readonly VertexHeader* _draft;

    public EdgeWriter(VertexStore store)
    {
        _store = store;
        _layout = store.Layout;
        _signs = (ulong*)NativeMemory.AlignedAlloc((nuint)(_layout.PaddedDimensions / 8 + 64), 64);
        _estimates = (float*)NativeMemory.AlignedAlloc(VertexLayout.Degree * sizeof(float), 64);
        _draft = (VertexHeader*)NativeMemory.AlignedAlloc((nuint)_layout.Stride, 64);
    }

    /// <summary>Locks a block against other writers and makes its readers wait.</summary>
    public static void Lock(VertexHeader* block)
    {
        var spin = new SpinWait();
        while (true)
        {
            var sequence = Volatile.Read(ref block->Sequence) & ~1u;
            if (Interlocked.CompareExchange(ref block->Sequence, sequence + 1, sequence) == sequence)
                return;
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    public static void Unlock(VertexHeader* block) => Volatile.Write(ref block->Sequence, block->Sequence + 1);

    /// <summary>
    /// Replaces all edges of a vertex by the chosen ones. They are encoded beside the graph first, so readers wait only for
    /// a copy.
    /// </summary>
    public void WriteAll(VertexHeader* block, NeighborChoice choice)
    {
        _draft->EdgeCount = choice.Count;
        _draft->Fillers = choice.FirstFiller == VertexLayout.Degree ? 0 : uint.MaxValue << choice.FirstFiller;
        for (var edge = 0; edge < choice.Count; edge++)
            Write(_draft, edge, Encode(block, choice.Vertices[edge]), choice.Vertices[edge], choice.Lengths[edge]);
        for (var edge = choice.Count; edge < VertexLayout.Degree; edge++)
            _layout.ClearEdge(_draft, edge);
        Lock(block);
        Count(block, -1);
        var bytes = _layout.TailAt - _layout.CodesAt;
        Buffer.MemoryCopy(_layout.Codes(_draft), _layout.Codes(block), bytes, bytes);
        (block->EdgeCount, block->Fillers) = (_draft->EdgeCount, _draft->Fillers);
        Count(block, +1);
        Unlock(block);
    }

    /// <summary>
    /// Offers <paramref name="vertex"/> an edge to <paramref name="added"/>. In a full block one must go: by the rule of
    /// <see cref="NeighborChoice"/>, with the distances between the two ends' neighbours estimated by one FastScan instead
    /// of computed from 32 vectors elsewhere in memory, which a compact graph has to do.
    /// </summary>
    /// <param name="vertex">Gets the edge.</param>
    /// <param name="added">Where the edge leads.</param>
    /// <param name="query">Holds the vector of <paramref name="added"/>.</param>
    /// <param name="length">Squared distance of the two.</param>
    /// <param name="insist">Put it in even if the rule would not.</param>
    /// <returns>Whether there is a new edge now.</returns>
    public bool Offer(int vertex, int added, PlacedQuery query, float length, bool insist)
    {
        var block = _store.Block(vertex);
        var factors = Encode(block, added);
        Lock(block);
        var neighbors = new Span<int>(_layout.Neighbors(block), block->EdgeCount);
        var edge = -1;
        var filler = false;
        if (!neighbors.Contains(added))
            edge = block->EdgeCount < VertexLayout.Degree
                ? block->EdgeCount++
                : Victim(block, query, length, insist, out filler);
        if (edge >= 0)
        {
            if (edge < neighbors.Length)
                Interlocked.Decrement(ref _store.Incoming(neighbors[edge]));
            Write(block, edge, factors, added, length);
            block->Fillers = filler ? block->Fillers | 1u << edge : block->Fillers & ~(1u << edge);
            Interlocked.Increment(ref _store.Incoming(added));
        }
        Unlock(block);
        return edge >= 0;
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_signs);
        NativeMemory.AlignedFree(_estimates);
        NativeMemory.AlignedFree(_draft);
    }

    int Victim(VertexHeader* block, PlacedQuery query, float length, bool insist, out bool filler)
    {
        if (_layout.IsCompact)
            Measure(block, query);
        else
            query.EstimateNeighbors(block, _layout, length, float.PositiveInfinity, _estimates);
        var lengths = _layout.Lengths(block);
        uint longer = 0, nearAdded = 0;
        for (var edge = 0; edge < VertexLayout.Degree; edge++)
        {
            var other = SignCode.FromHalf(lengths[edge]);
            longer |= other > length ? 1u << edge : 0;
            // The new edge occludes a longer one, or is occluded by a shorter: in both cases the longer of the two is
            // longer than the third side of their triangle.
            nearAdded |= _estimates[edge] < Math.Max(length, other) ? 1u << edge : 0;
        }
        filler = (nearAdded & ~longer & ~block->Fillers) != 0;
        if (!filler)
            block->Fillers |= nearAdded & longer;
        var victim = Farthest(block, filler ? block->Fillers & longer : block->Fillers);
        if (victim < 0 && !filler)
            victim = Farthest(block, longer);
        return victim < 0 && insist ? Farthest(block, uint.MaxValue) : victim;
    }

    int Farthest(VertexHeader* block, uint among)
    {
        var lengths = new ReadOnlySpan<ushort>(_layout.Lengths(block), VertexLayout.Degree);
        var (farthest, most) = (-1, -1);
        for (; among != 0; among &= among - 1)
        {
            var edge = BitOperations.TrailingZeroCount(among);
            if (lengths[edge] > most && _store.Incoming(_layout.Neighbors(block)[edge]) > FewIncoming)
                (farthest, most) = (edge, lengths[edge]);
        }
        return farthest;
    }

    // The distances of a full block's neighbours, which a compact block cannot estimate.
    void Measure(VertexHeader* block, PlacedQuery query)
    {
        var neighbors = _layout.Neighbors(block);
        for (var edge = 0; edge < VertexLayout.Degree; edge++)
        {
            if (edge + ReadAhead < VertexLayout.Degree)
                _store.PrefetchVector(neighbors[edge + ReadAhead]);
            _estimates[edge] = query.Key(_store.Block(neighbors[edge]));
        }
    }

    SignCode.Factors Encode(VertexHeader* block, int neighbor) => _layout.IsCompact
        ? default
        : SignCode.Encode(VertexLayout.Code(_store.Block(neighbor)), VertexLayout.Code(block), _layout.PaddedDimensions, _signs);

    void Write(VertexHeader* block, int edge, SignCode.Factors factors, int neighbor, float length)
    {
        _layout.Neighbors(block)[edge] = neighbor;
        _layout.Lengths(block)[edge] = SignCode.ToHalf(length);
        if (_layout.IsCompact)
            return;
        FastScan.Write(_layout.Codes(block), edge, _signs, _layout.PaddedDimensions / 64);
        _layout.Addends(block)[edge] = factors.Addend;
        _layout.Rescales(block)[edge] = SignCode.ToHalf(factors.Rescale);
        if (_layout.KeepsNorms)
            _layout.Norms(block)[edge] = _store.Block(neighbor)->SquaredNorm;
    }

    void Count(VertexHeader* block, int change)
    {
        foreach (var neighbor in new Span<int>(_layout.Neighbors(block), block->EdgeCount))
            Interlocked.Add(ref _store.Incoming(neighbor), change);
    }
}
