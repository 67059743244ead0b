using System.Collections.Concurrent;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// A graph of vectors in which every vertex carries the 1-bit codes of its 32 neighbours.
/// </summary>
internal sealed unsafe class QuantizedGraph : IDisposable
{
    readonly ConcurrentBag<Walk> _walks = [];
    readonly ConcurrentBag<Builder> _builders = [];
    int _vertexCount;

    public QuantizedGraph(VectorFrame frame)
    {
        Frame = frame;
        Store = new VertexStore(new VertexLayout(frame.Rotation.PaddedDimensions, frame.Metric == Metric.Dot));
        Entries = new EntryPoints(Store.Layout);
    }

    public VectorFrame Frame { get; }

    public VertexStore Store { get; }

    public EntryPoints Entries { get; }

    public int BuildWidth { get; set; } = 100;

    public int BuildCandidates { get; set; } = 200;

    public int RefineWidth { get; set; }

    public int Alpha { get => NeighborChoice.Alpha; set => NeighborChoice.Alpha = value; }
    public int BackAlpha { get => EdgeWriter.BackAlpha; set => EdgeWriter.BackAlpha = value; }

    public int SearchSpare { get; set; }

    public int VertexCount => _vertexCount;

    public long Bytes => Store.Bytes + Entries.Bytes;

    public Walk RentWalk() => _walks.TryTake(out var walk) ? walk : new Walk(Store, Frame);

    public void Return(Walk walk) => _walks.Add(walk);

    public void Search(Walk walk, ReadOnlySpan<float> query, int width)
    {
        walk.Query.SetQuery(query);
        walk.Begin(width, SearchSpare);
        Entries.Start(walk);
        while (walk.Step())
        {
        }
        if (SearchSpare > 0)
            walk.ScoreRest();
    }

    public void Insert(int slot, ReadOnlySpan<float> vector)
    {
        var vertex = _vertexCount;
        Store.Reserve(vertex + 1);
        var builder = _builders.TryTake(out var rented) ? rented : new Builder(this);
        builder.Insert(vertex, slot, vector);
        _builders.Add(builder);
        _vertexCount++;
        if (Entries.Count < EntryPoints.Limit && (long)Entries.Count * Entries.Count < 4L * _vertexCount)
            Entries.Add(vertex, Store.Block(vertex));
    }

    public void Refine(int vertex, ReadOnlySpan<float> vector)
    {
        var builder = _builders.TryTake(out var rented) ? rented : new Builder(this);
        builder.Refine(vertex, vector);
        _builders.Add(builder);
    }

    sealed class Builder(QuantizedGraph graph)
    {
        readonly Walk _walk = new(graph.Store, graph.Frame);
        readonly NeighborChoice _choice = new(graph.Store);
        readonly EdgeWriter _edges = new(graph.Store);

        public void Refine(int vertex, ReadOnlySpan<float> vector)
        {
            var block = graph.Store.Block(vertex);
            _walk.Query.SetVector(vector);
            _walk.Begin(graph.RefineWidth);
            _walk.AddStart(0, vertex);
            while (_walk.Step())
            {
            }
            _choice.Choose(_walk.Visits, graph.BuildCandidates, vertex);
            EdgeWriter.Lock(block);
            _edges.WriteAll(block, _choice);
            EdgeWriter.Unlock(block);
            for (var i = 0; i < _choice.Count; i++)
                _edges.Offer(_choice.Vertices[i], vertex, _walk.Query, _choice.Lengths[i], false);
        }

        public void Insert(int vertex, int slot, ReadOnlySpan<float> vector)
        {
            var block = graph.Store.Block(vertex);
            block->SquaredNorm = _walk.Query.SetVector(vector);
            block->Weight = System.Numerics.Tensors.TensorPrimitives.SumOfSquares(vector);
            block->Scale = ScalarCode.Encode8(_walk.Query.Values, VertexLayout.Vector(block), graph.Store.Layout.PaddedDimensions);
            block->Slot = slot;
            _walk.Begin(graph.BuildWidth);
            graph.Entries.Start(_walk);
            while (_walk.Step())
            {
            }
            _choice.Choose(_walk.Visits, graph.BuildCandidates);
            EdgeWriter.Lock(block);
            _edges.WriteAll(block, _choice);
            EdgeWriter.Unlock(block);
            var links = 0;
            for (var i = 0; i < _choice.Count; i++)
                links += _edges.Offer(_choice.Vertices[i], vertex, _walk.Query, _choice.Lengths[i], false) ? 1 : 0;
            for (var i = 0; i < _choice.Count && links < 2; i++)
                links += _edges.Offer(_choice.Vertices[i], vertex, _walk.Query, _choice.Lengths[i], true) ? 1 : 0;
        }
    }

    public void Dispose()
    {
        Store.Dispose();
        Entries.Dispose();
    }
}
