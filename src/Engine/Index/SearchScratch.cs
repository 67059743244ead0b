namespace VectorDb.Engine.Index;

/// <summary>What a batch of searches needs besides its answers, kept between batches. One thread at a time.</summary>
internal sealed class SearchScratch
{
    readonly List<int> _positions = [];
    readonly List<QueryGroup> _groups = [];
    float[] _vectors = [];
    TopK[] _heaps = [];

    /// <summary>Which query of the batch stands at each place, so that the queries of a group stand together.</summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>Queries that one call answers.</summary>
    public IReadOnlyList<QueryGroup> Groups => _groups;

    /// <summary>Scores rows one at a time.</summary>
    public RowScorer Scorer { get; } = new();

    /// <summary>The heaps, in the order of <see cref="Positions"/>.</summary>
    public ReadOnlySpan<TopK> Heaps => _heaps.AsSpan(0, _positions.Count);

    /// <summary>
    /// float32, count x dimensions, in the order of <see cref="Positions"/>, to be filled by the caller.
    /// </summary>
    public Span<float> Vectors(int dimensions) => _vectors.AsSpan(0, _positions.Count * dimensions);

    public void Prepare(ReadOnlySpan<SearchQuery> queries, int dimensions)
    {
        _positions.Clear();
        _groups.Clear();
        for (var i = 0; i < queries.Length; i++)
        {
            if (!IsGrouped(queries[i]))
                AddGroup(queries, queries[i].Exact, queries[i].Among);
        }
        if (_vectors.Length < queries.Length * dimensions)
            _vectors = new float[queries.Length * dimensions];
        var old = _heaps.Length;
        if (old < queries.Length)
            Array.Resize(ref _heaps, queries.Length);
        for (var i = old; i < _heaps.Length; i++)
            _heaps[i] = new TopK();
    }

    bool IsGrouped(in SearchQuery query)
    {
        foreach (var group in _groups)
        {
            if (group.Exact == query.Exact && ReferenceEquals(group.Among, query.Among))
                return true;
        }
        return false;
    }

    void AddGroup(ReadOnlySpan<SearchQuery> queries, bool exact, LiveSlots? among)
    {
        var start = _positions.Count;
        for (var i = 0; i < queries.Length; i++)
        {
            if (queries[i].Exact == exact && ReferenceEquals(queries[i].Among, among))
                _positions.Add(i);
        }
        _groups.Add(new QueryGroup(start, _positions.Count, exact, among));
    }
}

/// <summary>Places <paramref name="Start"/> to <paramref name="End"/> - 1 of a batch, answered in the same way.</summary>
internal readonly record struct QueryGroup(int Start, int End, bool Exact, LiveSlots? Among);
