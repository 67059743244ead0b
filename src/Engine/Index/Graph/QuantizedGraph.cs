using System.Collections.Concurrent;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// A graph of vectors in which every vertex carries the 1-bit codes of its 32 neighbours, so that one FastScan estimates
/// all their distances. After SymphonyQG (Gou, Gao, Xu, Long, SIGMOD 2025, doi 10.1145/3709730), which is built once; this
/// one takes inserts and removals while it is searched.
/// </summary>
/// <remarks>
/// Where we differ: edges are added one vertex at a time, and the edge that a full vertex gives up is chosen by estimates
/// (<see cref="EdgeWriter.Offer"/>); walks start from a scanned sample (<see cref="EntryPoints"/>); table entries have 6
/// bits, queries 16; removed vertices are walked through until the edges to them are replaced (<see cref="GraphRepair"/>).
/// One writer at a time, which may use several threads inside a call; any number of readers meanwhile.
/// </remarks>
internal sealed unsafe class QuantizedGraph : IDisposable
{
    /// <summary>Below this many vertices a batch is linked by one thread: its members must find each other.</summary>
    const int SerialBelow = 1024;

    /// <summary>
    /// Walks that a thread has under way in a batch: enough to hide the memory's answer behind each other's steps, few
    /// enough for the cache (2, 4 and 8 were tried).
    /// </summary>
    const int WalksInTurns = 4;

    readonly ConcurrentBag<Walk> _walks = [];
    readonly ConcurrentBag<Walk[]> _turns = [];
    readonly ConcurrentBag<BatchSearch> _batches = [];
    readonly ConcurrentBag<GraphBuilder> _builders = [];
    readonly Stack<int> _free = [];
    ulong[] _removed = [];
    int _vertexCount;

    public QuantizedGraph(VectorFrame frame, int buildWidth, bool isCompact)
    {
        Frame = frame;
        BuildWidth = buildWidth;
        var (dimensions, keepsNorms) = (frame.Rotation.PaddedDimensions, frame.Metric == Metric.Dot);
        Store = new VertexStore(new VertexLayout(dimensions, keepsNorms, isCompact));
        Entries = new EntryPoints(new VertexLayout(dimensions, keepsNorms));
    }

    public VectorFrame Frame { get; }

    public VertexStore Store { get; }

    public EntryPoints Entries { get; }

    /// <summary>Width of the walk that finds a new vertex its neighbours.</summary>
    public int BuildWidth { get; }

    /// <summary>Vertices ever used; some of them may be removed or free.</summary>
    public int VertexCount => Volatile.Read(ref _vertexCount);

    /// <summary>Removed but still walked through.</summary>
    public int RemovedCount { get; private set; }

    /// <summary>Vertices with a slot.</summary>
    public int LiveCount => _vertexCount - RemovedCount - _free.Count;

    public long Bytes => Store.Bytes + Entries.Bytes + _removed.Length * sizeof(ulong);

    public Walk RentWalk() => _walks.TryTake(out var walk) ? walk : new Walk(Store, Frame);

    public void Return(Walk walk) => _walks.Add(walk);

    /// <summary>What one thread needs for its part of a batch.</summary>
    public Walk[] RentWalks() =>
        _turns.TryTake(out var walks) ? walks : [.. Enumerable.Range(0, WalksInTurns).Select(_ => new Walk(Store, Frame))];

    public void Return(Walk[] walks) => _turns.Add(walks);

    public void RunBatch(GraphSearch search, in SearchScope scope, ReadOnlySpan<float> vectors, ReadOnlySpan<TopK> nearest)
    {
        var batch = _batches.TryTake(out var rented) ? rented : new BatchSearch();
        try
        {
            batch.Run(search, scope, vectors, nearest);
        }
        finally
        {
            _batches.Add(batch);
        }
    }

    /// <summary>Adds vectors and links them.</summary>
    /// <param name="slots">One a vector.</param>
    /// <param name="vectors">float32, slots.Length x dimensions.</param>
    /// <param name="vertices">Gets the vertices, one a slot.</param>
    /// <param name="threads">How many may work; with one the graph depends on nothing but the order.</param>
    public void Add(ReadOnlySpan<int> slots, ReadOnlySpan<float> vectors, Span<int> vertices, int threads)
    {
        Allocate(vertices);
        var dimensions = Frame.Rotation.Dimensions;
        if (threads == 1 || slots.Length == 1 || _vertexCount < SerialBelow)
        {
            for (var i = 0; i < slots.Length; i++)
            {
                Insert(vertices[i], slots[i], vectors.Slice(i * dimensions, dimensions));
                OfferEntry(vertices[i]);
            }
            return;
        }
        fixed (int* slot = slots, vertex = vertices)
        fixed (float* vector = vectors)
        {
            var (slotAt, vertexAt, vectorAt) = ((nint)slot, (nint)vertex, (nint)vector);
            InParallel(slots.Length, threads, i => Insert(
                ((int*)vertexAt)[i],
                ((int*)slotAt)[i],
                new ReadOnlySpan<float>((float*)vectorAt + (nint)i * dimensions, dimensions)));
        }
        foreach (var vertex in vertices)
            OfferEntry(vertex);
    }

    /// <summary>Hides a vertex: its slot is no longer found, but walks still pass.</summary>
    public void Remove(int vertex)
    {
        var block = Store.Block(vertex);
        EdgeWriter.Lock(block);
        block->Slot = VertexHeader.NoSlot;
        EdgeWriter.Unlock(block);
        _removed[vertex >> 6] |= 1UL << (vertex & 63);
        RemovedCount++;
    }

    /// <summary>See <see cref="VertexHeader.Stamp"/>; the writer's only.</summary>
    public ref long Stamp(int vertex) => ref Store.Block(vertex)->Stamp;

    public bool IsRemoved(int vertex) => (_removed[vertex >> 6] >> (vertex & 63) & 1) != 0;

    /// <summary>Makes a removed vertex, to which no edge leads any more, available for a new vector.</summary>
    public void Free(int vertex)
    {
        var block = Store.Block(vertex);
        var layout = Store.Layout;
        Entries.Replace(vertex, this);
        EdgeWriter.Lock(block);
        var neighbors = new ReadOnlySpan<int>(layout.Neighbors(block), block->EdgeCount).ToArray();
        block->EdgeCount = 0;
        for (var edge = 0; edge < VertexLayout.Degree; edge++)
            layout.ClearEdge(block, edge);
        EdgeWriter.Unlock(block);
        _removed[vertex >> 6] &= ~(1UL << (vertex & 63));
        RemovedCount--;
        _free.Push(vertex);
        foreach (var neighbor in neighbors)
            if (Interlocked.Decrement(ref Store.Incoming(neighbor)) <= 0 && Store.Block(neighbor)->Slot >= 0)
                WithBuilder(builder => builder.Relink(neighbor));
    }

    /// <summary>Runs something that writes with one of the pooled builders.</summary>
    public void WithBuilder(Action<GraphBuilder> action)
    {
        var builder = _builders.TryTake(out var rented) ? rented : new GraphBuilder(this);
        action(builder);
        _builders.Add(builder);
    }

    /// <summary>Calls the action with 0 to <paramref name="count"/> - 1 from several threads.</summary>
    public static void InParallel(int count, int threads, Action<int> action) =>
        Parallel.For(0, count, new ParallelOptions { MaxDegreeOfParallelism = threads }, action);

    public void Dispose()
    {
        foreach (var walk in _walks.Concat(_turns.SelectMany(walks => walks)))
            walk.Dispose();
        foreach (var builder in _builders)
            builder.Dispose();
        Store.Dispose();
        Entries.Dispose();
    }

    /// <summary>After a checkpoint was read into the store.</summary>
    public void Restore(int vertexCount)
    {
        _vertexCount = vertexCount;
        GrowRemoved();
        for (var vertex = 0; vertex < vertexCount; vertex++)
        {
            var block = Store.Block(vertex);
            if (block->Slot >= 0)
                continue;
            if (block->EdgeCount == 0)
            {
                _free.Push(vertex);
                continue;
            }
            _removed[vertex >> 6] |= 1UL << (vertex & 63);
            RemovedCount++;
        }
        var step = Math.Max(1, vertexCount / Math.Max(1, EntryPoints.Wanted(vertexCount)));
        for (var vertex = 0; vertex < vertexCount; vertex += step)
            if (Store.Block(vertex)->Slot >= 0)
                OfferEntry(vertex);
    }

    void Insert(int vertex, int slot, ReadOnlySpan<float> vector)
    {
        var builder = _builders.TryTake(out var rented) ? rented : new GraphBuilder(this);
        builder.Insert(vertex, slot, vector);
        _builders.Add(builder);
    }

    void Allocate(Span<int> vertices)
    {
        var last = _vertexCount;
        for (var i = 0; i < vertices.Length; i++)
            vertices[i] = _free.TryPop(out var vertex) ? vertex : last++;
        Store.Reserve(last);
        Volatile.Write(ref _vertexCount, last);
        GrowRemoved();
    }

    void GrowRemoved()
    {
        if (_removed.Length <= _vertexCount >> 6)
            Array.Resize(ref _removed, (Store.Capacity >> 6) + 1);
    }

    void OfferEntry(int vertex)
    {
        if (Entries.Count < EntryPoints.Wanted(_vertexCount))
            Entries.Add(vertex, Store.Block(vertex));
    }
}
