using System.Numerics;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Answers queries from the graph: by a walk each; or, when few slots may be returned, by scoring just those. Thread-safe;
/// allocates nothing once warm.
/// </summary>
internal sealed unsafe class GraphSearch(GraphIndex index)
{
    /// <summary>
    /// What scoring one given vector costs, in steps of a walk (384-d: 50 ns against 400). A step of a compact walk scores the
    /// neighbours that it meets first, about ten.
    /// </summary>
    double ScorePerStep => index.IsCompact ? 0.08 : 0.15;

    /// <summary>Matching visits that a filtered walk must make, for each candidate of an unfiltered one.</summary>
    const double EnoughOfWidth = 0.6;

    /// <summary>The finest codes decide among this many for each that is wanted.</summary>
    const int FineFactor = 2;

    const int FineSpare = 8;

    /// <summary>Of about a third of a microsecond each.</summary>
    const int StepsPerCheck = 256;

    /// <summary>Answers, or hands a batch on to be answered by several walks in turns.</summary>
    public void Run(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        var scope = new SearchScope(index, query.Live, query.Cancellation);
        var scans = query.Live.Count * ScorePerStep < index.SearchWidth / Math.Max(scope.Share, 1e-9);
        if (nearest.Length > 1 && !scans)
        {
            scope.Graph.RunBatch(this, scope, query.Vectors, nearest);
            return;
        }
        var walk = scope.Graph.RentWalk();
        try
        {
            for (var i = 0; i < nearest.Length; i++)
            {
                query.Cancellation.ThrowIfCancellationRequested();
                walk.Query.SetQuery(query.Vectors.Slice(i * index.Dimensions, index.Dimensions));
                if (scans)
                {
                    Scan(scope, walk, nearest[i]);
                    continue;
                }
                Begin(scope, walk, FirstWidth(scope, nearest[i].Capacity));
                Finish(scope, walk);
                Conclude(scope, walk, nearest[i]);
            }
        }
        finally
        {
            scope.Graph.Return(walk);
        }
    }

    /// <summary>Answers queries of a batch with several walks in turns: while one waits for memory, another computes.</summary>
    public void Serve(BatchSearch batch, Walk[] walks)
    {
        var scope = batch.Scope;
        Span<int> asked = stackalloc int[walks.Length];
        var running = 0;
        for (var i = 0; i < walks.Length; i++)
            running += Take(batch, walks[i], out asked[i]) ? 1 : 0;
        for (var rounds = 1; running > 0; rounds++)
        {
            if (rounds % StepsPerCheck == 0)
                scope.Cancellation.ThrowIfCancellationRequested();
            for (var i = 0; i < walks.Length; i++)
            {
                if (asked[i] < 0 || walks[i].Step())
                    continue;
                Conclude(scope, walks[i], batch.Nearest(asked[i]));
                running -= Take(batch, walks[i], out asked[i]) ? 0 : 1;
            }
        }
    }

    bool Take(BatchSearch batch, Walk walk, out int query)
    {
        batch.Scope.Cancellation.ThrowIfCancellationRequested();
        query = batch.Take();
        if (query < 0)
            return false;
        walk.Query.SetQuery(batch.Vector(query));
        Begin(batch.Scope, walk, FirstWidth(batch.Scope, batch.Nearest(query).Capacity));
        return true;
    }

    long Candidates(int wanted) => Math.Max(index.SearchWidth, wanted * 2L);

    double FirstWidth(in SearchScope scope, int wanted) => Candidates(wanted) / scope.Share;

    // A walk that met too few slots of the set was led elsewhere than where they are: it is repeated wider, until
    // scoring the whole set costs less.
    void Conclude(in SearchScope scope, Walk walk, TopK nearest)
    {
        var candidates = Candidates(nearest.Capacity);
        var enough = Math.Min(scope.Live.Count, scope.Share < 1 ? (int)(EnoughOfWidth * candidates) : nearest.Capacity);
        for (var width = FirstWidth(scope, nearest.Capacity); Matching(walk, scope.Live) < enough;)
        {
            width *= 2;
            if (width > 2.0 * scope.Graph.VertexCount || (scope.Share < 1 && scope.Live.Count * ScorePerStep < width))
            {
                Scan(scope, walk, nearest);
                return;
            }
            Begin(scope, walk, width);
            Finish(scope, walk);
        }
        Offer(scope, walk, nearest);
    }

    static void Begin(in SearchScope scope, Walk walk, double width)
    {
        walk.Begin((int)Math.Min(width, 2.0 * scope.Graph.VertexCount + 1));
        scope.Graph.Entries.Start(walk);
    }

    static void Finish(in SearchScope scope, Walk walk)
    {
        for (var steps = 1; walk.Step(); steps++)
            if (steps % StepsPerCheck == 0)
                scope.Cancellation.ThrowIfCancellationRequested();
    }

    static int Matching(Walk walk, LiveSlots live)
    {
        var matching = 0;
        foreach (ref readonly var visit in walk.Visits)
            matching += visit.Slot >= 0 && !(visit.Key > walk.Limit) && live.Contains(visit.Slot) ? 1 : 0;
        return matching;
    }

    // Those that the 8-bit keys put first are scored again with 12 bits, whose last four lie where the walk has not been.
    static void Offer(in SearchScope scope, Walk walk, TopK nearest)
    {
        var store = scope.Graph.Store;
        var fine = (int)Math.Min(walk.VisitCount, (long)FineFactor * nearest.Capacity + FineSpare);
        var places = walk.Nearest(scope.Live, fine);
        foreach (var place in places)
            store.PrefetchTail(walk.Visits[place].Vertex);
        foreach (var place in places)
        {
            ref readonly var visit = ref walk.Visits[place];
            var key = walk.Query.FineKey(store.Block(visit.Vertex), store.Layout);
            nearest.Offer(walk.Query.Rank(key, visit.Weight), visit.Slot);
        }
    }

    void Scan(in SearchScope scope, Walk walk, TopK nearest)
    {
        var store = scope.Graph.Store;
        for (var word = 0; word < scope.Live.WordCount; word++)
        {
            scope.Cancellation.ThrowIfCancellationRequested();
            for (var bits = scope.Live.Word(word); bits != 0; bits &= bits - 1)
            {
                var slot = word * 64 + BitOperations.TrailingZeroCount(bits);
                var block = store.Block(index.VertexOf(slot));
                var key = walk.Query.FineKey(block, store.Layout);
                nearest.Offer(walk.Query.Rank(key, block->Weight), slot);
            }
        }
    }
}

/// <summary>What all queries of one call have in common.</summary>
internal readonly struct SearchScope(GraphIndex index, LiveSlots live, CancellationToken cancellation)
{
    public QuantizedGraph Graph { get; } = index.Graph!;

    /// <summary>The slots that may be returned.</summary>
    public LiveSlots Live { get; } = live;

    /// <summary>What part of the vectors they are. A writer may be ahead of the set or behind it: never above 1.</summary>
    public double Share { get; } = Math.Min(1, (double)live.Count / Math.Max(1, index.Graph!.LiveCount));

    public CancellationToken Cancellation { get; } = cancellation;
}
