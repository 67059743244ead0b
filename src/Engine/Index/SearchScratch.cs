namespace VectorDb.Engine.Index;

/// <summary>What a batch of searches needs besides its answers, kept between batches. One thread at a time.</summary>
internal sealed class SearchScratch
{
    readonly List<int> _positions = [];
    float[] _vectors = [];
    TopK[] _heaps = [];

    /// <summary>
    /// Which query of the batch stands at each place: approximate ones first, so that either kind is one call.
    /// </summary>
    public IReadOnlyList<int> Positions => _positions;

    /// <summary>How many of them may be answered approximately.</summary>
    public int ApproximateCount { get; private set; }

    /// <summary>The heaps, in the order of <see cref="Positions"/>.</summary>
    public ReadOnlySpan<TopK> Heaps => _heaps.AsSpan(0, _positions.Count);

    /// <summary>
    /// float32, count x dimensions, in the order of <see cref="Positions"/>, to be filled by the caller.
    /// </summary>
    public Span<float> Vectors(int dimensions) => _vectors.AsSpan(0, _positions.Count * dimensions);

    public void Prepare(ReadOnlySpan<SearchQuery> queries, int dimensions)
    {
        _positions.Clear();
        for (var i = 0; i < queries.Length; i++)
        {
            if (!queries[i].Exact)
                _positions.Add(i);
        }
        ApproximateCount = _positions.Count;
        for (var i = 0; i < queries.Length; i++)
        {
            if (queries[i].Exact)
                _positions.Add(i);
        }
        if (_vectors.Length < queries.Length * dimensions)
            _vectors = new float[queries.Length * dimensions];
        var old = _heaps.Length;
        if (old < queries.Length)
            Array.Resize(ref _heaps, queries.Length);
        for (var i = old; i < _heaps.Length; i++)
            _heaps[i] = new TopK();
    }
}
