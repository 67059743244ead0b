using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// Scores one row at a time against a query, to the last bit as a scan would. One thread at a time.
/// </summary>
internal sealed unsafe class RowScorer
{
    // Pinned, because the kernel wants both sides aligned.
    float[] _pinned = [];
    float* _query;
    float* _row;
    int _dimensions;
    int _stride;

    /// <summary>The query of the rows to come.</summary>
    public void Begin(ReadOnlySpan<float> query)
    {
        (_dimensions, _stride) = (query.Length, RowScores.Stride(query.Length));
        if (_pinned.Length < 2 * _stride + RowScores.Lanes)
            _pinned = GC.AllocateArray<float>(2 * _stride + RowScores.Lanes, pinned: true);
        var start = (nuint)System.Runtime.CompilerServices.Unsafe.AsPointer(ref _pinned[0]);
        _query = (float*)((start + RowScan.Alignment - 1) & ~(RowScan.Alignment - 1));
        _row = _query + _stride;
        new Span<float>(_query, 2 * _stride).Clear();
        query.CopyTo(new Span<float>(_query, _dimensions));
    }

    public float Rank(Metric metric, ReadOnlySpan<float> row)
    {
        row.CopyTo(new Span<float>(_row, _dimensions));
        Span<float> rank = stackalloc float[1];
        RowScores.Rank(metric, _query, 1, _row, _stride, rank);
        return rank[0];
    }
}
