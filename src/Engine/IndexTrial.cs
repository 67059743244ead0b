using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine;

/// <summary>
/// The index that a shard keeps in memory, alone: without rows, keys and SQLite, so that it can be measured beside other
/// libraries. It is not a store; rows are numbers from 0 on. Threads: as <see cref="Shard"/>, one writer, many searches.
/// </summary>
public sealed class IndexTrial : IDisposable
{
    readonly GraphIndex _index;
    LiveSlots _live = LiveSlots.Empty;

    /// <param name="dimensions">Numbers in a vector, <see cref="DimensionsMin"/> to <see cref="DimensionsMax"/>.</param>
    /// <param name="metric">For cosine, all vectors given are of L2 norm 1.</param>
    /// <param name="isCompact">As <see cref="ShardOptions.CompactIndex"/>.</param>
    public IndexTrial(int dimensions, Metric metric, bool isCompact = false)
    {
        _index = new GraphIndex(dimensions, metric, new GraphOptions { IsCompact = isCompact });
        (Dimensions, Metric) = (dimensions, metric);
    }

    public const int DimensionsMin = 2;

    public const int DimensionsMax = GraphIndex.MaxDimensions;

    public int Dimensions { get; }

    public Metric Metric { get; }

    /// <summary>The search parameter: candidates that a search keeps. Recall against time.</summary>
    public int Width
    {
        get => _index.SearchWidth;
        set => _index.SearchWidth = value;
    }

    /// <summary>There are too few vectors for the graph: searches scan all, whatever the width.</summary>
    public bool Scans => !_index.IsServing;

    /// <summary>Memory of the index, and of the set of rows that a search may return.</summary>
    public long Bytes => _index.Bytes + _live.WordCount * (long)sizeof(ulong);

    /// <summary>Adds rows as a shard does after a commit: they are searchable and linked when this returns.</summary>
    /// <param name="first">Number of the first; no row has these numbers yet, or they were removed.</param>
    /// <param name="vectors">float32, any number x <see cref="Dimensions"/>.</param>
    public void Add(int first, ReadOnlySpan<float> vectors)
    {
        var rows = new int[vectors.Length / Dimensions];
        for (var i = 0; i < rows.Length; i++)
            rows[i] = first + i;
        _index.Add(rows, vectors);
        Volatile.Write(ref _live, _live.With(rows, []));
    }

    /// <summary>Takes rows out. Searches that began before may still return them: wait for those before adding them anew.</summary>
    public void Remove(ReadOnlySpan<int> rows)
    {
        Hide(rows);
        _index.Remove(rows);
    }

    /// <summary>From now on searches do not return these rows, though they stay in the index.</summary>
    public void Hide(ReadOnlySpan<int> rows) => Volatile.Write(ref _live, _live.With([], rows));

    /// <summary>What one searching thread needs.</summary>
    /// <param name="nearest">How many rows a search returns.</param>
    public IndexTrialReader NewReader(int nearest) => new(_index, () => Volatile.Read(ref _live), nearest);

    /// <summary>Writes the checkpoint that a shard writes beside its SQLite file.</summary>
    /// <exception cref="InvalidOperationException">The index still <see cref="Scans"/>.</exception>
    public void Save(string path) => GraphCheckpoint.Save(_index, path, sequence: 0);

    /// <summary>Fills an empty index, for the same rows, from a checkpoint.</summary>
    /// <param name="path">What <see cref="Save"/> wrote.</param>
    /// <param name="other">The index that was saved.</param>
    public void Load(string path, IndexTrial other)
    {
        GraphCheckpoint.Load(_index, path);
        _live = other._live;
    }

    /// <summary>The truth that recall is measured against: an exact scan in float32 on all cores.</summary>
    /// <param name="vectors">float32, rows x dimensions.</param>
    /// <param name="queries">float32, queries x dimensions.</param>
    /// <param name="collection">Their dimensions and metric; for cosine both are of L2 norm 1.</param>
    /// <param name="nearest">Rows wanted for each query; -1 fills up where there are fewer.</param>
    /// <param name="progress">Told the part done, 0 to 1, from any thread.</param>
    /// <param name="cancellationToken">Looked at for each block of rows.</param>
    /// <returns>Row numbers, <paramref name="nearest"/> a query, best first; equal ones by number.</returns>
    public static int[] Exact(
        float[] vectors, float[] queries, CollectionSchema collection, int nearest, Action<double> progress,
        CancellationToken cancellationToken)
    {
        var dimensions = collection.Dimensions;
        using var flat = new FlatIndex(dimensions, collection.Metric);
        var slots = Enumerable.Range(0, vectors.Length / dimensions).ToArray();
        flat.Add(slots, vectors);
        var live = LiveSlots.Empty.With(slots, []);
        var truth = new int[queries.Length / dimensions * nearest];
        Array.Fill(truth, -1);
        var done = 0;
        // Few at a time, so that rows read from memory once serve several queries and progress still moves.
        const int together = 8;
        var parts = (queries.Length / dimensions + together - 1) / together;
        var options = new ParallelOptions { CancellationToken = cancellationToken };
        Parallel.For(0, parts, options, part =>
        {
            var given = queries.AsSpan(part * together * dimensions);
            given = given[..Math.Min(given.Length, together * dimensions)];
            new IndexTrialReader(flat, () => live, nearest).Search(
                given, truth.AsSpan(part * together * nearest, given.Length / dimensions * nearest), cancellationToken);
            progress(Interlocked.Increment(ref done) / (double)parts);
        });
        return truth;
    }

    public void Dispose() => _index.Dispose();
}

/// <summary>Searches an <see cref="IndexTrial"/>, by the call that a shard makes. One thread at a time; reuses its memory.</summary>
public sealed class IndexTrialReader
{
    readonly IVectorIndex _index;
    readonly Func<LiveSlots> _live;
    readonly int _nearest;
    TopK[] _heaps = [];

    internal IndexTrialReader(IVectorIndex index, Func<LiveSlots> live, int nearest) =>
        (_index, _live, _nearest) = (index, live, nearest);

    /// <summary>Answers a batch of queries in one call.</summary>
    /// <param name="queries">float32, any number x dimensions.</param>
    /// <param name="rows">Gets the nearest rows of each, best first; where there are too few, the rest is left as it is.</param>
    /// <param name="cancellationToken">Looked at about every millisecond.</param>
    public void Search(ReadOnlySpan<float> queries, Span<int> rows, CancellationToken cancellationToken = default)
    {
        var count = queries.Length / _index.Dimensions;
        if (_heaps.Length < count)
            _heaps = [.. Enumerable.Range(0, count).Select(_ => new TopK())];
        for (var i = 0; i < count; i++)
            _heaps[i].Reset(_nearest, RowNumbers.Order);
        var heaps = _heaps.AsSpan(0, count);
        _index.Search(new IndexQuery { Vectors = queries, Live = _live(), Cancellation = cancellationToken }, heaps);
        for (var i = 0; i < count; i++)
        {
            heaps[i].Sort();
            heaps[i].SlotSpan.CopyTo(rows.Slice(i * _nearest, _nearest));
        }
    }

    /// <summary>Equal ranks in the order of rows: there are no keys.</summary>
    sealed class RowNumbers : ISlotOrder
    {
        public static readonly RowNumbers Order = new();

        public int Compare(int left, int right) => left.CompareTo(right);
    }
}
