using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
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
/// vertex and estimates its 32 neighbours; in a compact graph it scores those that are new. Reads under the blocks' sequence
/// numbers, so a writer may work meanwhile. One thread at a time.
/// </summary>
internal sealed unsafe partial class Walk : IDisposable
{
    readonly VertexStore _store;
    readonly VertexLayout _layout;
    readonly CandidatePool _pool = new();
    readonly float* _estimates;
    readonly int* _neighbors;
    readonly ulong* _fresh;
    readonly CandidatePool _finest = new();
    int[] _places = [];
    ulong* _seen;
    int _seenWords;
    Visit* _visits;
    int* _touched;
    int _touchedCount;
    int _touchedRoom;
    int _visitRoom;

    public Walk(VertexStore store, VectorFrame frame)
    {
        _store = store;
        _layout = store.Layout;
        Query = new PlacedQuery(frame);
        _estimates = (float*)NativeMemory.AlignedAlloc(VertexLayout.Degree * (2 * sizeof(float) + sizeof(ulong)), 64);
        _neighbors = (int*)(_estimates + VertexLayout.Degree);
        _fresh = (ulong*)(_neighbors + VertexLayout.Degree);
    }

    public PlacedQuery Query { get; }

    /// <summary>Everything scored since <see cref="Begin"/>, in the order of the walk.</summary>
    public ReadOnlySpan<Visit> Visits => new(_visits, VisitCount);

    public int VisitCount { get; private set; }

    /// <summary>
    /// Visits above this only led on. A compact walk visits all neighbours of a vertex, whether it goes on from them or not.
    /// </summary>
    public float Limit => _layout.IsCompact ? _pool.Limit : float.PositiveInfinity;

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
            AddCandidate(estimate, vertex);
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
        if (_layout.IsCompact)
            ScoreNeighbors(vertex);
        else
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

    /// <summary>
    /// The nearest visits whose slots are in the set, at most <paramref name="limit"/>, as places in <see cref="Visits"/>.
    /// </summary>
    public ReadOnlySpan<int> Nearest(LiveSlots live, int limit)
    {
        if (limit == 0)
            return [];
        _finest.Reset(limit);
        for (var i = 0; i < VisitCount; i++)
        {
            var entry = CandidatePool.Entry(_visits[i].Key, i);
            var slot = _visits[i].Slot;
            if (entry < _finest.Last && slot >= 0 && live.Contains(slot))
                _finest.Add(entry);
        }
        if (_places.Length < limit)
            _places = new int[limit];
        var count = 0;
        while (_finest.TryTake(out var place))
            _places[count++] = place;
        return _places.AsSpan(0, count);
    }

    public void Dispose()
    {
        Query.Dispose();
        _pool.Dispose();
        _finest.Dispose();
        NativeMemory.AlignedFree(_estimates);
        NativeMemory.Free(_seen);
        NativeMemory.Free(_visits);
        NativeMemory.Free(_touched);
    }

    bool Mark(int vertex)
    {
        if (IsSeen(vertex))
            return false;
        _seen[vertex >> 6] |= 1UL << (vertex & 63);
        if (_touchedCount == _touchedRoom)
            GrowTouched();
        _touched[_touchedCount++] = vertex;
        return true;
    }

    void GrowTouched()
    {
        _touchedRoom = Math.Max(1024, _touchedRoom * 2);
        _touched = (int*)NativeMemory.Realloc(_touched, (nuint)_touchedRoom * sizeof(int));
    }

    // A vertex younger than this walk may lie beyond its bitmap: it is not needed, so it counts as seen.
    bool IsSeen(int vertex) => vertex >= _seenWords << 6 || (_seen[vertex >> 6] >> (vertex & 63) & 1) != 0;

    void Score(int vertex)
    {
        if (VisitCount == _visitRoom)
            GrowVisits();
        var below = Read(vertex, out _visits[VisitCount++]);
        var fresh = Unseen(below);
        for (var i = 0; i < fresh; i++)
            if (_fresh[i] < _pool.Last)
                _pool.Add(_fresh[i]);
        Prefetch(_pool.Peek());
        Prefetch(_pool.PeekSecond());
    }

    // Those of the neighbours below the limit that were not met before, as entries; they count as met from now on. Whether
    // one was met cannot be foretold, so it decides no branch: every place is written, the next one over it or behind it.
    int Unseen(uint below)
    {
        if (_touchedCount + VertexLayout.Degree > _touchedRoom)
            GrowTouched();
        var (fresh, known) = (0, _seenWords << 6);
        for (; below != 0; below &= below - 1)
        {
            var edge = BitOperations.TrailingZeroCount(below);
            var vertex = _neighbors[edge];
            // A vertex younger than this walk lies beyond its bitmap and is not needed.
            if (vertex >= known)
                continue;
            var word = _seen[vertex >> 6];
            var bit = 1UL << vertex;
            _seen[vertex >> 6] = word | bit;
            _touched[_touchedCount + fresh] = vertex;
            _fresh[fresh] = CandidatePool.Entry(_estimates[edge], vertex);
            fresh += (word & bit) == 0 ? 1 : 0;
        }
        _touchedCount += fresh;
        return fresh;
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
                var neighbors = _layout.Neighbors(block);
                Vector512.Load(neighbors).Store(_neighbors);
                Vector512.Load(neighbors + 16).Store(_neighbors + 16);
                Volatile.ReadBarrier();
                if (block->Sequence == sequence)
                    return below;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    // All that a visit reads, of the two that come next: the first is needed at once, the second is seldom overtaken. Into
    // the second-level cache, from where it comes fast enough.
    void Prefetch(int vertex)
    {
        if (!Sse.IsSupported || vertex < 0)
            return;
        var block = (byte*)_store.Block(vertex);
        for (var i = 0; i < _layout.LengthsAt; i += 64)
            Sse.Prefetch1(block + i);
    }

    void GrowVisits()
    {
        _visitRoom = Math.Max(256, _visitRoom * 2);
        _visits = (Visit*)NativeMemory.Realloc(_visits, (nuint)_visitRoom * (nuint)sizeof(Visit));
    }
}
