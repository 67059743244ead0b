using System.Collections.Concurrent;
using System.Numerics.Tensors;
using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

/// <summary>
/// A graph index and an exact one side by side, with the set of live slots: what the first finds is judged by the second.
/// </summary>
sealed class IndexedVectors : IDisposable
{
    const float Tolerance = 1e-3f;

    readonly FlatIndex _exact;

    /// <summary>Tests read it on other threads while they add.</summary>
    readonly ConcurrentDictionary<int, float[]> _vectors = new();

    public IndexedVectors(int dimensions, Metric metric, GraphOptions options)
    {
        Graph = new GraphIndex(dimensions, metric, options);
        _exact = new FlatIndex(dimensions, metric);
    }

    public GraphIndex Graph { get; }

    public LiveSlots Live { get; private set; } = LiveSlots.Empty;

    public ICollection<int> Slots => _vectors.Keys;

    public float[] Vector(int slot) => _vectors[slot];

    /// <summary>Adds vectors (cosine: normalised first) in slots from <paramref name="first"/> on.</summary>
    public void Add(int first, IEnumerable<float[]> vectors)
    {
        var rows = vectors.Select(vector => Graph.Metric == Metric.Cosine ? Normalized(vector) : vector).ToArray();
        int[] slots = [.. Enumerable.Range(first, rows.Length)];
        float[] values = [.. rows.SelectMany(row => row)];
        Graph.Add(slots, values);
        _exact.Add(slots, values);
        Live = Live.With(slots, []);
        for (var i = 0; i < rows.Length; i++)
            _vectors[slots[i]] = rows[i];
    }

    public void Remove(params int[] slots)
    {
        Live = Live.With([], slots);
        Graph.Remove(slots);
        _exact.Remove(slots);
        foreach (var slot in slots)
            _vectors.TryRemove(slot, out _);
    }

    /// <summary>
    /// The part of the exact nearest that the graph finds, mean over the queries; fails when an answer is not live, comes
    /// twice, is out of order, or has a score further from the exact one than codes of 12 bits can be.
    /// </summary>
    public double Recall(IReadOnlyList<float[]> queries, int topK = 10, LiveSlots? among = null)
    {
        var live = among ?? Live;
        float[] values = [.. queries.SelectMany(query => Graph.Metric == Metric.Cosine ? Normalized(query) : query)];
        var found = Run(Graph, values, queries.Count, topK, live);
        var exact = Run(_exact, values, queries.Count, topK, live);
        var hits = 0;
        for (var i = 0; i < queries.Count; i++)
        {
            var seen = new HashSet<int>();
            var query = new ReadOnlySpan<float>(values, i * Graph.Dimensions, Graph.Dimensions);
            // Ties at the cut are all right, within what the codes can tell apart.
            var cut = exact[i].RankSpan[found[i].Count - 1];
            for (var j = 0; j < found[i].Count; j++)
            {
                var (slot, rank) = (found[i].SlotSpan[j], found[i].RankSpan[j]);
                Assert.True(live.Contains(slot) && seen.Add(slot), $"slot {slot} is not live or came twice");
                var score = ExactRank(_vectors[slot], query);
                AssertClose(score, rank, _vectors[slot], queries[i]);
                Assert.True(j == 0 || rank <= found[i].RankSpan[j - 1], "answers are out of order");
                hits += score >= cut - 1e-5f * Math.Abs(cut) ? 1 : 0;
            }
        }
        return hits / (double)(queries.Count * Math.Min(topK, live.Count));
    }

    public void Dispose()
    {
        Graph.Dispose();
        _exact.Dispose();
    }

    float ExactRank(ReadOnlySpan<float> vector, ReadOnlySpan<float> query) => Graph.Metric == Metric.Euclid
        ? -TensorPrimitives.Distance(vector, query)
        : TensorPrimitives.Dot(vector, query);

    // Rounding is in proportion to the lengths of the vectors, in the product and in the square of the distance alike.
    void AssertClose(float exact, float rank, float[] vector, float[] query)
    {
        var lengths = TensorPrimitives.Norm<float>(vector) * TensorPrimitives.Norm<float>(query);
        var error = Graph.Metric switch
        {
            Metric.Cosine => exact - rank,
            Metric.Dot => (exact - rank) / Math.Max(lengths, 1e-9f),
            _ => (exact * exact - rank * rank) / (2 * Math.Max(lengths, 1e-9f)),
        };
        Assert.True(Math.Abs(error) < Tolerance, $"{Graph.Metric}: rank {rank} instead of {exact}, relative error {error}");
    }

    static TopK[] Run(IVectorIndex index, float[] queries, int count, int topK, LiveSlots live)
    {
        var nearest = new TopK[count];
        for (var i = 0; i < count; i++)
            (nearest[i] = new TopK()).Reset(topK, SlotNumbers.Order);
        index.Search(new IndexQuery { Vectors = queries, Live = live }, nearest);
        foreach (var heap in nearest)
            heap.Sort();
        return nearest;
    }

    static float[] Normalized(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        return norm == 0 ? vector : [.. vector.Select(x => x / norm)];
    }
}

/// <summary>Equal ranks in the order of slots.</summary>
sealed class SlotNumbers : ISlotOrder
{
    public static readonly SlotNumbers Order = new();

    public int Compare(int left, int right) => left.CompareTo(right);
}
