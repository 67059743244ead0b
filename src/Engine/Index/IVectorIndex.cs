namespace VectorDb.Engine.Index;

/// <summary>
/// Vectors in memory, found by nearness. It knows slots (small dense integers, reused) and numbers, but neither keys,
/// versions nor storage: the shard maps slots to rows, and can rebuild an index from SQLite at any time.
/// </summary>
/// <remarks>
/// <para>
/// Threads: <see cref="Reserve"/>, <see cref="Add"/> and <see cref="Remove"/> are called by one writer at a time;
/// <see cref="Search"/> by any number of threads at the same time as the writer. <see cref="IDisposable.Dispose"/> is
/// called when no search runs.
/// </para>
/// <para>
/// Visibility is not the index's business: every search brings the set of slots that it may return, an unchanging
/// snapshot (<see cref="IndexQuery.Live"/>). A slot is added before any snapshot contains it, and removed (and perhaps
/// added again with another vector) only after every search whose snapshot contains it has ended. So an index never
/// sees a vector change under a search that may return it; a graph may walk through slots outside the snapshot, but
/// must guard those itself. An update of a row is an <see cref="Add"/> of another slot.
/// </para>
/// </remarks>
internal interface IVectorIndex : IDisposable
{
    int Dimensions { get; }

    Metric Metric { get; }

    /// <summary>Bytes held in memory.</summary>
    long Bytes { get; }

    /// <summary>
    /// Makes room for slots 0 to <paramref name="slotLimit"/> - 1. Called before the SQLite commit, so that memory runs
    /// out here and not in an <see cref="Add"/> after it.
    /// </summary>
    void Reserve(int slotLimit);

    /// <summary>Puts vectors into unused slots.</summary>
    /// <param name="slots">Distinct slots, each never used or removed since, in any order.</param>
    /// <param name="vectors">float32, slots.Length x Dimensions, row-major, finite; L2 norm 1 for cosine.</param>
    void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors);

    /// <summary>
    /// Gives slots back: no search, running or to come, may return them; they may be added again at once.
    /// </summary>
    void Remove(ReadOnlySpan<int> slots);

    /// <summary>Finds the nearest live slots of each query of a batch.</summary>
    /// <param name="query">The vectors, the snapshot, and how exact the answer must be.</param>
    /// <param name="nearest">
    /// One per query, empty and with its capacity set, to be filled by <see cref="TopK.Offer"/> with ranks that the
    /// metric defines (<see cref="Ranks"/>). Ties at the cut are decided there, by key, so offer equal ranks too.
    /// </param>
    /// <exception cref="OperationCanceledException">The query's token was cancelled; checked at least once a
    /// millisecond of work.</exception>
    void Search(in IndexQuery query, ReadOnlySpan<TopK> nearest);
}

/// <summary>A batch of questions to an index.</summary>
internal readonly ref struct IndexQuery
{
    /// <summary>float32, count x Dimensions, row-major, finite; L2 norm 1 for cosine.</summary>
    public required ReadOnlySpan<float> Vectors { get; init; }

    /// <summary>The slots that may be returned: the rows of one moment, less those that a filter rejects.</summary>
    public required LiveSlots Live { get; init; }

    /// <summary>Every live slot must be scored, in float32.</summary>
    public bool Exact { get; init; }

    public CancellationToken Cancellation { get; init; }
}

/// <summary>The order of equal ranks: the shard compares the keys of the rows in two slots.</summary>
internal interface ISlotOrder
{
    /// <summary>
    /// Negative when <paramref name="left"/> comes first. Both slots are live in the search's snapshot.
    /// </summary>
    int Compare(int left, int right);
}

/// <summary>
/// Ranks are what indexes and heaps compare: higher is nearer, whatever the metric. The rank is the score itself for
/// cosine (held to -1 to 1) and dot, and minus the distance for Euclid, square root included, so that equal scores are
/// equal ranks.
/// </summary>
internal static class Ranks
{
    public static float ToScore(Metric metric, float rank) => metric == Metric.Euclid ? -rank : rank;
}
