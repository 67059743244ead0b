namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// Gives removed vertices back. Nobody knows which edges lead to a vertex, so a pass goes over all vertices, a few with
/// each write, and replaces the edges to those that were removed when it began; at its end nothing leads there and their
/// blocks are free. Called by the graph's writer only.
/// </summary>
internal sealed class GraphRepair(QuantizedGraph graph)
{
    /// <summary>A pass begins when this part of the vertices is removed.</summary>
    const int BeginAtOneOf = 8;

    /// <summary>
    /// Vertices looked at for each vector written: a pass ends well before the next could begin, and costs a write less
    /// than its own linking.
    /// </summary>
    const int LooksPerWrite = 16;

    readonly List<int> _leaving = [];
    int _next;
    int _end;

    /// <summary>Does the share of the work that <paramref name="writes"/> vectors owe.</summary>
    public void Work(int writes, int threads)
    {
        if (_leaving.Count == 0 && !Begin())
            return;
        var from = _next;
        _next = (int)Math.Min(_end, from + (long)writes * LooksPerWrite);
        if (threads == 1 || _next - from <= LooksPerWrite)
            for (var vertex = from; vertex < _next; vertex++)
                Repair(vertex);
        else
            QuantizedGraph.InParallel(_next - from, threads, i => Repair(from + i));
        if (_next < _end)
            return;
        for (var i = 0; i < writes * LooksPerWrite && _leaving.Count > 0; i++)
        {
            graph.Free(_leaving[^1]);
            _leaving.RemoveAt(_leaving.Count - 1);
        }
    }

    bool Begin()
    {
        if (graph.RemovedCount * BeginAtOneOf < graph.VertexCount || graph.RemovedCount == 0)
            return false;
        for (var vertex = 0; vertex < graph.VertexCount; vertex++)
            if (graph.IsRemoved(vertex))
                _leaving.Add(vertex);
        (_next, _end) = (0, graph.VertexCount);
        return true;
    }

    void Repair(int vertex)
    {
        if (!graph.IsRemoved(vertex) || _leaving.BinarySearch(vertex) < 0)
            graph.WithBuilder(builder => builder.Repair(vertex));
    }
}
