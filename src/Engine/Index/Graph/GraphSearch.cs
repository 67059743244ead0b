using System.Numerics;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Answers queries from the graph: by a walk each; or, when few slots may be returned, by scoring just those. Thread-safe;
/// allocates nothing once warm.
/// </summary>
internal sealed unsafe class GraphSearch(GraphIndex index)
{
    /// <summary>What scoring one given vector costs, in visits of a walk (384-d: 50 ns against 400).</summary>
    const double ScorePerVisit = 0.15;

    /// <summary>Matching visits that a filtered walk must make, for each candidate of an unfiltered one.</summary>
    const double EnoughOfWidth = 0.6;

    /// <summary>The finest codes decide among this many for each that is wanted.</summary>
    const int FineFactor = 2;

    const int FineSpare = 8;

    /// <summary>Of about half a microsecond each.</summary>
    const int StepsPerCheck = 256;

    public void Run(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        var graph = index.Graph!;
        var share = (double)query.Live.Count / Math.Max(1, graph.LiveCount);
        var scans = query.Live.Count * ScorePerVisit < index.SearchWidth / Math.Max(share, 1e-9);
        var walk = graph.RentWalk();
        try
        {
            for (var i = 0; i < nearest.Length; i++)
            {
                query.Cancellation.ThrowIfCancellationRequested();
                walk.Query.SetQuery(query.Vectors.Slice(i * index.Dimensions, index.Dimensions));
                if (scans)
                    Scan(graph, query, walk, nearest[i]);
                else
                    WalkOnce(graph, query, walk, nearest[i], share);
            }
        }
        finally
        {
            graph.Return(walk);
        }
    }

    // A walk that met too few slots of the set was led elsewhere than where they are: it is repeated wider, until
    // scoring the whole set costs less.
    void WalkOnce(QuantizedGraph graph, in IndexQuery query, Walk walk, TopK nearest, double share)
    {
        var candidates = Math.Max(index.SearchWidth, nearest.Capacity * 2L);
        var enough = Math.Min(query.Live.Count, share < 1 ? (int)(EnoughOfWidth * candidates) : nearest.Capacity);
        for (var width = candidates / share; query.Live.Count * ScorePerVisit >= width || share == 1; width *= 2)
        {
            Walk(graph, walk, (int)width, query.Cancellation);
            if (Matching(walk, query.Live) >= enough)
            {
                Offer(graph, walk, query.Live, nearest);
                return;
            }
            if (width > graph.VertexCount)
                break;
        }
        Scan(graph, query, walk, nearest);
    }

    static void Walk(QuantizedGraph graph, Walk walk, int width, CancellationToken cancellation)
    {
        walk.Begin(width);
        graph.Entries.Start(walk);
        for (var steps = 1; walk.Step(); steps++)
            if (steps % StepsPerCheck == 0)
                cancellation.ThrowIfCancellationRequested();
    }

    static int Matching(Walk walk, LiveSlots live)
    {
        var matching = 0;
        foreach (ref readonly var visit in walk.Visits)
            matching += visit.Slot >= 0 && live.Contains(visit.Slot) ? 1 : 0;
        return matching;
    }

    // Those that the 8-bit keys put first are scored again with 12 bits.
    static void Offer(QuantizedGraph graph, Walk walk, LiveSlots live, TopK nearest)
    {
        var order = walk.Order(live);
        var fine = (int)Math.Min(order.Length, (long)FineFactor * nearest.Capacity + FineSpare);
        for (var i = 0; i < fine; i++)
        {
            ref readonly var visit = ref walk.Visits[(int)(uint)order[i]];
            var key = walk.Query.FineKey(graph.Store.Block(visit.Vertex), graph.Store.Layout);
            nearest.Offer(walk.Query.Rank(key, visit.Weight), visit.Slot);
        }
    }

    void Scan(QuantizedGraph graph, in IndexQuery query, Walk walk, TopK nearest)
    {
        for (var word = 0; word < query.Live.WordCount; word++)
        {
            query.Cancellation.ThrowIfCancellationRequested();
            for (var bits = query.Live.Word(word); bits != 0; bits &= bits - 1)
            {
                var slot = word * 64 + BitOperations.TrailingZeroCount(bits);
                var block = graph.Store.Block(index.VertexOf(slot));
                var key = walk.Query.FineKey(block, graph.Store.Layout);
                nearest.Offer(walk.Query.Rank(key, block->Weight), slot);
            }
        }
    }
}
