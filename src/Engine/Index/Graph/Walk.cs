using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Index.Graph;

/// <summary>A vertex that a walk has scored.</summary>
/// <param name="Key">What the walk minimises.</param>
/// <param name="Vertex">Its number.</param>
/// <param name="Slot">Its slot when it was scored; negative if removed.</param>
/// <param name="Weight">Squared norm of its vector.</param>
internal readonly record struct Visit(float Key, int Vertex, int Slot, float Weight);

/// <summary>
/// One best-first search through the graph, and the memory that it needs, used again for the next. Each step scores one
/// vertex and estimates its 32 neighbours. Reads under the blocks' sequence numbers, so a writer may work meanwhile.
/// One thread at a time.
/// </summary>
internal sealed unsafe class Walk : IDisposable
{
    // Enough to have the header and the vector, by which the rest is reached; the processor's own prefetcher then follows
    // the block. All 39 lines of a 384-d block at once were no faster (Zen 4, 2026-11-23): they queue up.
    const int PrefetchedBytes = 512;

    readonly VertexStore _store;
    readonly VertexLayout _layout;
    readonly CandidatePool _pool = new();
    readonly float* _estimates;
    readonly int* _neighbors;
    ulong* _seen;
    int _seenWords;
    Visit* _visits;
    ulong* _order;
    int* _touched;
    int _touchedCount;
    int _touchedRoom;
    int _visitRoom;

    public Walk(VertexStore store, VectorFrame frame)
    {
        _store = store;
        _layout = store.Layout;
        Query = new PlacedQuery(frame);
        _estimates = (float*)NativeMemory.AlignedAlloc(2 * VertexLayout.Degree * (nuint)sizeof(float), 64);
        _neighbors = (int*)(_estimates + VertexLayout.Degree);
    }

    public PlacedQuery Query { get; }

    /// <summary>Everything scored since <see cref="Begin"/>, in the order of the walk.</summary>
    public ReadOnlySpan<Visit> Visits => new(_visits, VisitCount);

    public int VisitCount { get; private set; }

    /// <summary>Starts over with the vector in <see cref="Query"/>.</summary>
    /// <param name="width">How many candidates are kept: more find more.</param>
    public void Begin(int width)
    {
        for (var i = 0; i < _touchedCount; i++)
            _seen[_touched[i] >> 6] = 0;
        _touchedCount = 0;
        VisitCount = 0;
        var words = (_store.Capacity + 63) >> 6;
        if (words > _seenWords)
        {
            NativeMemory.Free(_seen);
            _seen = (ulong*)NativeMemory.AllocZeroed((nuint)words, sizeof(ulong));
            _seenWords = words;
        }
        _pool.Reset(width);
    }

    /// <summary>Adds a place to start from.</summary>
    public void AddStart(float estimate, int vertex)
    {
        if (estimate < _pool.Limit && Mark(vertex))
            _pool.Add(estimate, vertex);
    }

    /// <summary>Counts the vertex as visited; false if it is already.</summary>
    public bool MarkSeen(int vertex)
    {
        if (!Mark(vertex))
            return false;
        if (VisitCount == _visitRoom)
            GrowVisits();
        _visits[VisitCount++] = new Visit(0, vertex, VertexHeader.NoSlot, 0);
        return true;
    }

    /// <summary>Visits the nearest candidate; false when none is left.</summary>
    public bool Step()
    {
        if (!_pool.TryTake(out var vertex))
            return false;
        Score(vertex);
        return true;
    }

    /// <summary>Steps until there is nowhere to go.</summary>
    public void Finish()
    {
        while (Step())
        {
        }
    }

    /// <summary>The visits whose slots are in the set, nearest first: the place in <see cref="Visits"/> is the low half.</summary>
    public ReadOnlySpan<ulong> Order(LiveSlots live)
    {
        var count = 0;
        for (var i = 0; i < VisitCount; i++)
            if (_visits[i].Slot >= 0 && live.Contains(_visits[i].Slot))
                _order[count++] = (ulong)CandidatePool.Sortable(_visits[i].Key) << 32 | (uint)i;
        var order = new Span<ulong>(_order, count);
        order.Sort();
        return order;
    }

    public void Dispose()
    {
        Query.Dispose();
        _pool.Dispose();
        NativeMemory.AlignedFree(_estimates);
        NativeMemory.Free(_seen);
        NativeMemory.Free(_visits);
        NativeMemory.Free(_order);
        NativeMemory.Free(_touched);
    }

    // Each vertex becomes a candidate once, with the first estimate. SymphonyQG lets it come again with others, which repairs
    // bad ones; but in a dense cluster the pool is then full of a few vertices, and equal work finds less at high recall.
    bool Mark(int vertex)
    {
        if (IsSeen(vertex))
            return false;
        _seen[vertex >> 6] |= 1UL << (vertex & 63);
        if (_touchedCount == _touchedRoom)
        {
            _touchedRoom = Math.Max(1024, _touchedRoom * 2);
            _touched = (int*)NativeMemory.Realloc(_touched, (nuint)_touchedRoom * sizeof(int));
        }
        _touched[_touchedCount++] = vertex;
        return true;
    }

    // A vertex younger than this walk may lie beyond its bitmap: it is not needed, so it counts as seen.
    bool IsSeen(int vertex) => vertex >= _seenWords << 6 || (_seen[vertex >> 6] >> (vertex & 63) & 1) != 0;

    void Score(int vertex)
    {
        if (VisitCount == _visitRoom)
            GrowVisits();
        var below = Read(vertex, out _visits[VisitCount++]);
        for (; below != 0; below &= below - 1)
        {
            var edge = BitOperations.TrailingZeroCount(below);
            if (_estimates[edge] < _pool.Limit && Mark(_neighbors[edge]))
                _pool.Add(_estimates[edge], _neighbors[edge]);
        }
        Prefetch(_pool.Peek());
        Prefetch(_pool.PeekSecond());
    }

    uint Read(int vertex, out Visit visit)
    {
        var block = _store.Block(vertex);
        var spin = new SpinWait();
        while (true)
        {
            var sequence = Volatile.Read(ref block->Sequence);
            if ((sequence & 1) == 0)
            {
                var key = Query.Key(block);
                visit = new(key, vertex, block->Slot, block->Weight);
                var below = Query.EstimateNeighbors(block, _layout, key, _pool.Limit, _estimates);
                var neighborBytes = VertexLayout.Degree * sizeof(int);
                Buffer.MemoryCopy(_layout.Neighbors(block), _neighbors, neighborBytes, neighborBytes);
                Volatile.ReadBarrier();
                if (block->Sequence == sequence)
                    return below;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    void Prefetch(int vertex)
    {
        if (!Sse.IsSupported || vertex < 0)
            return;
        var block = (byte*)_store.Block(vertex);
        for (var i = 0; i < PrefetchedBytes; i += 64)
            Sse.Prefetch0(block + i);
    }

    void GrowVisits()
    {
        _visitRoom = Math.Max(256, _visitRoom * 2);
        _visits = (Visit*)NativeMemory.Realloc(_visits, (nuint)_visitRoom * (nuint)sizeof(Visit));
        _order = (ulong*)NativeMemory.Realloc(_order, (nuint)_visitRoom * sizeof(ulong));
    }
}
