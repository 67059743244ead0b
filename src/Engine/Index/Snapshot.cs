using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Index;

/// <summary>
/// The rows of one moment, which do not change while somebody is in: each live slot is either fresh (float32, scanned) or
/// linked (in the graph).
/// </summary>
internal sealed class Snapshot(FreshRows fresh, GraphIndex? graph, SlotTable table)
{
    int _readers;

    public required LiveSlots Live { get; init; }

    /// <summary>The part of <see cref="Live"/> that is scanned.</summary>
    public required LiveSlots Fresh { get; init; }

    /// <summary>The rest.</summary>
    public required LiveSlots Linked { get; init; }

    public int Dimensions => fresh.Dimensions;

    public Metric Metric => fresh.Metric;

    public SlotTable Table => table;

    public bool IsEntered => Volatile.Read(ref _readers) != 0;

    public void Enter() => Interlocked.Increment(ref _readers);

    public void Leave() => Interlocked.Decrement(ref _readers);

    /// <summary>
    /// The nearest of each query: fresh rows exactly, linked ones as the graph finds and scores them; for an exact query the
    /// linked ones are left to the caller.
    /// </summary>
    /// <param name="query">Its <see cref="IndexQuery.Live"/> is replaced by the parts of this snapshot.</param>
    /// <param name="among">Only these may be found; null for all.</param>
    /// <param name="nearest">One a query.</param>
    public void Search(in IndexQuery query, LiveSlots? among, ReadOnlySpan<TopK> nearest)
    {
        fresh.Search(query with { Live = Part(Fresh, among) }, nearest);
        if (query.Exact || graph is null || Part(Linked, among) is not { Count: > 0 } linked)
            return;
        graph.Search(query with { Live = linked }, nearest);
    }

    /// <summary>Those of <paramref name="slots"/> that a filter leaves.</summary>
    public static LiveSlots Part(LiveSlots slots, LiveSlots? among) =>
        among is null || slots.Count == 0 ? slots : slots.Intersect(among);
}
