using System.Buffers;
using System.Numerics.Tensors;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The fast index of a shard: a flat scan while the shard is small, a <see cref="QuantizedGraph"/> afterwards. Every add is
/// searchable when it returns; there is no rebuild and no pause between the two: while the scan still serves, each write
/// also links a few of the earlier vectors.
/// </summary>
internal sealed class GraphIndex : IVectorIndex
{
    /// <summary>The centre of the graph's coordinates is the mean of this many vectors.</summary>
    const int CenterSample = 1024;

    /// <summary>Earlier vectors linked with each write until none is left.</summary>
    const int LinksPerWrite = 3;

    const int LinkedAtOnce = 256;

    const int NoVertex = -1;

    readonly GraphOptions _options;
    readonly LinkedList<PendingVector> _pending = new();
    readonly Dictionary<int, LinkedListNode<PendingVector>> _pendingBySlot = [];
    readonly GraphSearch _search;
    FlatIndex? _flat;
    int _flatReaders;
    volatile bool _serving;
    int[] _vertexBySlot = [];
    QuantizedGraph? _graph;
    GraphRepair? _repair;

    /// <param name="dimensions">Numbers in a vector, 2 to 4,096.</param>
    /// <param name="metric">How vectors are compared.</param>
    /// <param name="options">See there.</param>
    public GraphIndex(int dimensions, Metric metric, GraphOptions options)
    {
        if (dimensions is < 2 or > MaxDimensions)
            throw new ArgumentOutOfRangeException(
                nameof(dimensions), dimensions, $"The graph index takes 2 to {MaxDimensions} dimensions. Use the flat index for others.");
        Dimensions = dimensions;
        Metric = metric;
        _options = options;
        _flat = new FlatIndex(dimensions, metric);
        _search = new GraphSearch(this);
        SearchWidth = options.SearchWidth;
        Threads = options.Threads;
    }

    /// <summary>Above this the rounding of 6-bit tables would grow, and a block its neighbours' codes beyond use.</summary>
    public const int MaxDimensions = 4096;

    public int Dimensions { get; }

    public Metric Metric { get; }

    /// <summary>Candidates that a search keeps; may be changed between searches.</summary>
    public int SearchWidth { get; set; }

    public long Bytes =>
        (_flat?.Bytes ?? 0) + (_graph?.Bytes ?? 0) + _vertexBySlot.Length * sizeof(int) + _pending.Count * (Dimensions * 4L + 96);

    /// <summary>See <see cref="VertexLayout.IsCompact"/>.</summary>
    public bool IsCompact => _options.IsCompact;

    /// <summary>Threads that link a batch; the writer may change it between two.</summary>
    public int Threads { get; set; }

    /// <summary>Null until there are enough vectors to choose the coordinates by.</summary>
    public QuantizedGraph? Graph => _graph;

    /// <summary>Searches walk the graph; before that they scan.</summary>
    public bool IsServing => _serving;

    /// <summary>Width of the walks of inserts.</summary>
    public int BuildWidth => _options.BuildWidth;

    /// <summary>The vertex of each slot, -1 where there is none: for checkpoints.</summary>
    public ReadOnlySpan<int> VertexBySlot => _vertexBySlot;

    /// <summary>The slots whose vectors are in the graph. The writer's only.</summary>
    public int[] HeldSlots() => [.. Enumerable.Range(0, _vertexBySlot.Length).Where(slot => _vertexBySlot[slot] != NoVertex)];

    /// <summary>Whether the graph has the vector of the very row with this checksum in the slot. The writer's only.</summary>
    public bool Holds(int slot, long stamp) =>
        slot < _vertexBySlot.Length && _vertexBySlot[slot] is var vertex and not NoVertex && _graph!.Stamp(vertex) == stamp;

    /// <summary>Adds vectors with the checksums of their rows, to be recognised by when the graph has been saved.</summary>
    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors, ReadOnlySpan<long> stamps)
    {
        Add(slots, vectors);
        for (var i = 0; i < slots.Length; i++)
            _graph!.Stamp(_vertexBySlot[slots[i]]) = stamps[i];
    }

    /// <summary>The vertex of a slot that a snapshot contains.</summary>
    public int VertexOf(int slot) => Volatile.Read(ref _vertexBySlot)[slot];

    public void Reserve(int slotLimit)
    {
        if (_flat is not null)
            _flat.Reserve(slotLimit);
        var known = _vertexBySlot.Length;
        if (slotLimit <= known)
            return;
        _graph?.Store.Reserve(_graph.VertexCount + slotLimit - known);
        var vertices = new int[Math.Max(slotLimit, known + known / 2)];
        _vertexBySlot.CopyTo(vertices, 0);
        vertices.AsSpan(known).Fill(NoVertex);
        Volatile.Write(ref _vertexBySlot, vertices);
    }

    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors)
    {
        foreach (var slot in slots)
            Reserve(slot + 1);
        _flat?.Add(slots, vectors);
        if (_serving)
        {
            Link(slots, vectors);
            _repair!.Work(slots.Length, Threads);
            return;
        }
        for (var i = 0; i < slots.Length; i++)
        {
            var pending = new PendingVector(slots[i], vectors.Slice(i * Dimensions, Dimensions).ToArray());
            _pendingBySlot.Add(slots[i], _pending.AddLast(pending));
        }
        WorkOff(slots.Length * LinksPerWrite);
    }

    public void Remove(ReadOnlySpan<int> slots)
    {
        var unlinked = 0;
        foreach (var slot in slots)
        {
            if (_pendingBySlot.Remove(slot, out var node))
                _pending.Remove(node);
            else if (_vertexBySlot[slot] != NoVertex)
                _graph!.Remove(_vertexBySlot[slot]);
            else
                throw new ArgumentException($"Slot {slot} holds no vector, so it cannot be removed.", nameof(slots));
            _vertexBySlot[slot] = NoVertex;
            unlinked++;
        }
        _flat?.Remove(slots);
        _repair?.Work(unlinked, Threads);
    }

    public void Search(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        if ((!_serving || query.Exact) && TrySearchFlat(query, nearest))
            return;
        if (query.Exact)
            throw new NotSupportedException(
                "This index keeps no float32 vectors. Scan the rows for an exact search, or open it with KeepFloats.");
        _search.Run(query, nearest);
    }

    public void Dispose()
    {
        _graph?.Dispose();
        _flat?.Dispose();
        (_graph, _flat) = (null, null);
    }

    /// <summary>Takes over a graph that was read from a checkpoint; the index must be empty.</summary>
    public void Adopt(QuantizedGraph graph, int[] vertexBySlot)
    {
        _flat!.Dispose();
        _flat = null;
        _graph = graph;
        _vertexBySlot = vertexBySlot;
        _repair = new GraphRepair(graph);
        _serving = true;
    }

    // Readers of the flat index are counted, so that the writer can free it when the graph has taken over.
    bool TrySearchFlat(in IndexQuery query, ReadOnlySpan<TopK> nearest)
    {
        Interlocked.Increment(ref _flatReaders);
        try
        {
            if (Volatile.Read(ref _flat) is not { } flat)
                return false;
            flat.Search(query, nearest);
            return true;
        }
        finally
        {
            Interlocked.Decrement(ref _flatReaders);
        }
    }

    void WorkOff(int links)
    {
        if (_graph is null && _pending.Count < Math.Min(CenterSample, Math.Max(1, _options.FlatBelow)))
            return;
        _graph ??= NewGraph();
        _repair ??= new GraphRepair(_graph);
        Span<int> slots = stackalloc int[LinkedAtOnce];
        var vectors = ArrayPool<float>.Shared.Rent(LinkedAtOnce * Dimensions);
        while (links > 0 && _pending.Count > 0)
        {
            var count = 0;
            for (; count < Math.Min(links, LinkedAtOnce) && _pending.First is { } first; count++)
            {
                slots[count] = first.Value.Slot;
                first.Value.Values.CopyTo(vectors, count * Dimensions);
                _pending.RemoveFirst();
                _pendingBySlot.Remove(slots[count]);
            }
            Link(slots[..count], vectors.AsSpan(0, count * Dimensions));
            links -= count;
        }
        ArrayPool<float>.Shared.Return(vectors);
        if (_pending.Count == 0 && _graph.LiveCount >= _options.FlatBelow)
            Serve();
    }

    void Serve()
    {
        _serving = true;
        _pendingBySlot.TrimExcess();
        if (_options.KeepFloats)
            return;
        var flat = _flat!;
        Volatile.Write(ref _flat, null);
        Interlocked.MemoryBarrier();
        var spin = new SpinWait();
        while (Volatile.Read(ref _flatReaders) > 0)
            spin.SpinOnce();
        flat.Dispose();
    }

    QuantizedGraph NewGraph()
    {
        var center = new float[Dimensions];
        foreach (var pending in _pending)
            TensorPrimitives.Add(center, pending.Values, center);
        TensorPrimitives.Divide(center, _pending.Count, center);
        return new QuantizedGraph(new VectorFrame(Metric, center, _options.Seed), _options.BuildWidth, IsCompact);
    }

    void Link(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors)
    {
        Span<int> vertices = slots.Length <= 256 ? stackalloc int[slots.Length] : new int[slots.Length];
        _graph!.Add(slots, vectors, vertices, Threads);
        for (var i = 0; i < slots.Length; i++)
            Volatile.Write(ref _vertexBySlot[slots[i]], vertices[i]);
    }

    readonly record struct PendingVector(int Slot, float[] Values);
}
