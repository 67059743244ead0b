using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The steps of a walk whose blocks hold no codes of their neighbours: each neighbour that is new is scored from its own block, as in
/// HNSW's lowest layer (Malkov, Yashunin, arXiv 1603.09320, algorithm 2), with 8-bit codes.
/// </summary>
internal sealed unsafe partial class Walk
{
    /// <summary>Blocks asked for before they are scored: enough to hide the memory, few enough for its queue.</summary>
    const int ReadAhead = 3;

    void AddCandidate(float estimate, int vertex)
    {
        if (_layout.IsCompact)
            ScoreCandidate(vertex);
        else
            _pool.Add(estimate, vertex);
    }

    void ScoreNeighbors(int vertex)
    {
        var fresh = UnseenNeighbors(vertex);
        for (var i = 0; i < Math.Min(ReadAhead, fresh); i++)
            _store.PrefetchVector(_neighbors[i]);
        for (var i = 0; i < fresh; i++)
        {
            if (i + ReadAhead < fresh)
                _store.PrefetchVector(_neighbors[i + ReadAhead]);
            ScoreCandidate(_neighbors[i]);
        }
        PrefetchNeighbors(_pool.Peek());
        PrefetchNeighbors(_pool.PeekSecond());
    }

    void ScoreCandidate(int vertex)
    {
        if (VisitCount == _visitRoom)
            GrowVisits();
        var visit = ReadVisit(vertex);
        _visits[VisitCount++] = visit;
        var entry = CandidatePool.Entry(visit.Key, vertex);
        if (entry < _pool.Last)
            _pool.Add(entry);
    }

    Visit ReadVisit(int vertex)
    {
        var block = _store.Block(vertex);
        var spin = new SpinWait();
        while (true)
        {
            var sequence = Volatile.Read(ref block->Sequence);
            if ((sequence & 1) == 0)
            {
                var visit = new Visit(Query.Key(block), vertex, block->Slot, block->Weight);
                Volatile.ReadBarrier();
                if (block->Sequence == sequence)
                    return visit;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    // The neighbours that were not met before go to the front of the list; they count as met from now on.
    int UnseenNeighbors(int vertex)
    {
        var count = ReadNeighbors(vertex);
        if (_touchedCount + VertexLayout.Degree > _touchedRoom)
            GrowTouched();
        var (fresh, known) = (0, _seenWords << 6);
        for (var i = 0; i < count; i++)
        {
            var neighbor = _neighbors[i];
            // A vertex younger than this walk lies beyond its bitmap and is not needed.
            if (neighbor >= known)
                continue;
            var word = _seen[neighbor >> 6];
            var bit = 1UL << neighbor;
            _seen[neighbor >> 6] = word | bit;
            _touched[_touchedCount + fresh] = neighbor;
            _neighbors[fresh] = neighbor;
            fresh += (word & bit) == 0 ? 1 : 0;
        }
        _touchedCount += fresh;
        return fresh;
    }

    int ReadNeighbors(int vertex)
    {
        var block = _store.Block(vertex);
        var spin = new SpinWait();
        while (true)
        {
            var sequence = Volatile.Read(ref block->Sequence);
            if ((sequence & 1) == 0)
            {
                var count = Math.Min(block->EdgeCount, VertexLayout.Degree);
                new ReadOnlySpan<int>(_layout.Neighbors(block), VertexLayout.Degree).CopyTo(new(_neighbors, VertexLayout.Degree));
                Volatile.ReadBarrier();
                if (block->Sequence == sequence)
                    return count;
            }
            spin.SpinOnce(sleep1Threshold: -1);
        }
    }

    void PrefetchNeighbors(int vertex)
    {
        if (!Sse.IsSupported || vertex < 0)
            return;
        var neighbors = (byte*)_layout.Neighbors(_store.Block(vertex));
        Sse.Prefetch0(neighbors);
        Sse.Prefetch0(neighbors + 64);
    }
}
