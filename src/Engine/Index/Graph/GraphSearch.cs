using System.Numerics;
using System.Runtime.CompilerServices;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Answers queries from the graph: by walks, several of a batch in turn on one thread, so that one's memory arrives while
/// another computes; or, when few slots may be returned, by scoring just those. Thread-safe; allocates nothing once warm.
/// </summary>
internal sealed unsafe class GraphSearch(GraphIndex index)
{
    /// <summary>Walks under way at a time.</summary>
    const int Interleaved = 8;

    /// <summary>What scoring one given vector costs, in visits of a walk (384-d: 50 ns against 400).</summary>
    const double ScorePerVisit = 0.15;

    /// <summary>Matching visits that a filtered walk must make, for each candidate of an unfiltered one.</summary>
    const double EnoughOfWidth = 0.6;

    /// <summary>The finest codes decide among this many for each that is wanted.</summary>
    const int FineFactor = 2;

    const int FineSpare = 8;

    const int StepsPerCheck = 256;

    public void Run(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        var graph = index.Graph!;
        var width = index.SearchWidth;
        var share = (double)query.Live.Count / Math.Max(1, graph.LiveCount);
        if (query.Live.Count * ScorePerVisit < width / Math.Max(share, 1e-9))
        {
            for (var i = 0; i < nearest.Length; i++)
                Scan(graph, query, i, nearest[i]);
            return;
        }
        for (var i = 0; i < nearest.Length; i += Interleaved)
            WalkSome(graph, query, i, nearest.Slice(i, Math.Min(Interleaved, nearest.Length - i)), share);
    }

    void WalkSome(QuantizedGraph graph, in IndexQuery query, int first, ReadOnlySpan<TopK> nearest, double share)
    {
        var walks = new WalkRow();
        try
        {
            for (var i = 0; i < nearest.Length; i++)
            {
                walks[i] = graph.RentWalk();
                walks[i].Query.SetQuery(query.Vectors.Slice((first + i) * index.Dimensions, index.Dimensions));
                walks[i].Begin(Width(nearest[i], share));
                graph.Entries.Start(walks[i]);
            }
            Interleave(walks, nearest.Length, query.Cancellation);
            for (var i = 0; i < nearest.Length; i++)
                Collect(graph, query, first + i, walks[i], nearest[i], share);
        }
        finally
        {
            for (var i = 0; i < nearest.Length && walks[i] is not null; i++)
                graph.Return(walks[i]);
        }
    }

    int Width(TopK nearest, double share) =>
        (int)Math.Min(int.MaxValue / 64, Math.Max(index.SearchWidth, nearest.Capacity * 2L) / share);

    static void Interleave(WalkRow walks, int count, CancellationToken cancellation)
    {
        var under = (1u << count) - 1;
        for (var steps = 0; under != 0; steps++)
        {
            if (steps % StepsPerCheck == StepsPerCheck - 1)
                cancellation.ThrowIfCancellationRequested();
            for (var rest = under; rest != 0; rest &= rest - 1)
            {
                var i = BitOperations.TrailingZeroCount(rest);
                if (!walks[i].Step())
                    under &= ~(1u << i);
            }
        }
    }

    // A walk that met too few slots of the set was led elsewhere than where they are: it is repeated wider, until
    // scoring the whole set costs less.
    void Collect(QuantizedGraph graph, in IndexQuery query, int at, Walk walk, TopK nearest, double share)
    {
        var width = Width(nearest, share);
        var wanted = share < 1 ? (int)(EnoughOfWidth * Math.Max(index.SearchWidth, nearest.Capacity)) : nearest.Capacity;
        var enough = Math.Min(query.Live.Count, wanted);
        while (Matching(walk, query.Live) < enough)
        {
            width *= 2;
            if (query.Live.Count * ScorePerVisit < width)
            {
                Scan(graph, query, at, nearest);
                return;
            }
            walk.Begin(width);
            graph.Entries.Start(walk);
            walk.Finish();
        }
        Offer(graph, walk, query.Live, nearest);
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

    void Scan(QuantizedGraph graph, in IndexQuery query, int at, TopK nearest)
    {
        var walk = graph.RentWalk();
        try
        {
            walk.Query.SetQuery(query.Vectors.Slice(at * index.Dimensions, index.Dimensions));
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
        finally
        {
            graph.Return(walk);
        }
    }

    [InlineArray(Interleaved)]
    struct WalkRow
    {
        Walk _first;
    }
}
