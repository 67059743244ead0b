using System.Numerics.Tensors;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>What one writing thread needs: a walk, a choice and a pen. Not thread-safe; several may work on one graph.</summary>
internal sealed unsafe class GraphBuilder(QuantizedGraph graph) : IDisposable
{
    /// <summary>Of what a walk found, the nearest that are weighed.</summary>
    const int Candidates = 256;

    /// <summary>Edges to a new vertex that are forced if they are not given.</summary>
    const int WantedIncoming = 2;

    readonly Walk _walk = new(graph.Store, graph.Frame);
    readonly NeighborChoice _choice = new(graph.Store);
    readonly EdgeWriter _edges = new(graph.Store);
    readonly VertexLayout _layout = graph.Store.Layout;

    /// <summary>Stores a vector in an unused vertex and links it with its neighbours.</summary>
    /// <param name="vertex">No edge leads to it yet.</param>
    /// <param name="slot">The index's name for the vector.</param>
    /// <param name="vector">float32, length of the graph's dimensions.</param>
    public void Insert(int vertex, int slot, ReadOnlySpan<float> vector)
    {
        var block = graph.Store.Block(vertex);
        EdgeWriter.Lock(block);
        block->SquaredNorm = _walk.Query.SetVector(vector);
        block->Weight = TensorPrimitives.SumOfSquares(vector);
        var (values, code) = ((nint)_walk.Query.Values, (nint)VertexLayout.Vector(block));
        block->Scale = ScalarCode.Encode8((float*)values, (sbyte*)code, _layout.PaddedDimensions);
        ScalarCode.EncodeTail((float*)values, (sbyte*)code, block->Scale, _layout.Tail(block), _layout.PaddedDimensions);
        block->Slot = slot;
        EdgeWriter.Unlock(block);
        Link(vertex, block);
    }

    /// <summary>Gives a vertex new edges both ways, by a walk from its vector, which is in the walk's query.</summary>
    void Link(int vertex, VertexHeader* block)
    {
        _walk.Begin(graph.BuildWidth);
        graph.Entries.Start(_walk);
        _walk.Finish();
        _choice.Begin();
        foreach (ref readonly var visit in _walk.Visits)
            if (visit.Slot >= 0 && visit.Vertex != vertex && !(visit.Key > _walk.Limit))
                _choice.Consider(visit.Vertex, visit.Key);
        _choice.Choose(Candidates);
        _edges.WriteAll(block, _choice);
        OfferBack(vertex);
        for (var i = 0; i < _choice.Count && Incoming(vertex) < WantedIncoming; i++)
            _edges.Offer(_choice.Vertices[i], vertex, _walk.Query, _choice.Lengths[i], insist: true);
    }

    /// <summary>Links a vertex anew that has lost its incoming edges.</summary>
    public void Relink(int vertex)
    {
        var block = graph.Store.Block(vertex);
        _walk.Query.SetVertex(block);
        Link(vertex, block);
    }

    /// <summary>
    /// Takes edges to removed vertices out of a vertex: it may choose anew among the neighbours that it keeps and those of
    /// the ones that it loses (Singh, Subramanya, Krishnaswamy, Simhadri, "FreshDiskANN", arXiv 2105.09613, section 4.2).
    /// </summary>
    /// <returns>Whether there was such an edge.</returns>
    public bool Repair(int vertex)
    {
        var block = graph.Store.Block(vertex);
        Span<int> neighbors = stackalloc int[VertexLayout.Degree];
        neighbors = neighbors[..Copy(block, neighbors)];
        var removed = 0;
        foreach (var neighbor in neighbors)
            removed += graph.IsRemoved(neighbor) ? 1 : 0;
        if (removed == 0)
            return false;
        _walk.Query.SetVertex(block);
        _walk.Begin(1);
        _choice.Begin();
        _walk.MarkSeen(vertex);
        Span<int> second = stackalloc int[VertexLayout.Degree];
        foreach (var neighbor in neighbors)
        {
            ConsiderOnce(neighbor);
            if (!graph.IsRemoved(neighbor))
                continue;
            foreach (var next in second[..Copy(graph.Store.Block(neighbor), second)])
                ConsiderOnce(next);
        }
        _choice.Choose(Candidates);
        _edges.WriteAll(block, _choice);
        OfferBack(vertex);
        return true;
    }

    public void Dispose()
    {
        _walk.Dispose();
        _choice.Dispose();
        _edges.Dispose();
    }

    void OfferBack(int vertex)
    {
        for (var i = 0; i < _choice.Count; i++)
            _edges.Offer(_choice.Vertices[i], vertex, _walk.Query, _choice.Lengths[i], insist: false);
    }

    void ConsiderOnce(int vertex)
    {
        if (!graph.IsRemoved(vertex) && _walk.MarkSeen(vertex))
            _choice.Consider(vertex, _walk.Query.Key(graph.Store.Block(vertex)));
    }

    int Incoming(int vertex) => Volatile.Read(ref graph.Store.Incoming(vertex));

    // The lock keeps other writers of the same batch away while the ids are read.
    int Copy(VertexHeader* block, Span<int> neighbors)
    {
        EdgeWriter.Lock(block);
        var count = block->EdgeCount;
        new ReadOnlySpan<int>(_layout.Neighbors(block), count).CopyTo(neighbors);
        EdgeWriter.Unlock(block);
        return count;
    }
}
