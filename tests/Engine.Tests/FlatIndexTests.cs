using VectorDb.Engine.Index;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class FlatIndexTests
{
    [Fact]
    public void ASearch_AllocatesNothing()
    {
        const int Dimensions = 100, Rows = 5000;
        var vectors = new VectorGen(seed: 1, Dimensions);
        using var index = new FlatIndex(Dimensions, Metric.Euclid);
        int[] slots = [.. Enumerable.Range(0, Rows)];
        index.Add(slots, slots.SelectMany(_ => vectors.Whole()).ToArray());
        var live = LiveSlots.Empty.With(slots, []);
        var queries = Enumerable.Range(0, 7).SelectMany(_ => vectors.Whole()).ToArray();
        TopK[] heaps = [.. Enumerable.Range(0, 7).Select(_ => new TopK())];
        var order = new SlotTable();
        order.Reserve(Rows);
        foreach (var slot in slots)
            order.Set(slot, VectorGen.Key(slot).Span, 1);

        Search();
        // A collection in between trims the shared pool, and the next search rents anew: what every search allocates is in all.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Search()));

        long Search()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var heap in heaps)
                heap.Reset(100, order);
            index.Search(new IndexQuery { Vectors = queries, Live = live }, heaps);
            foreach (var heap in heaps)
                heap.Sort();
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void SlotsOutsideTheSnapshot_AreNotFound()
    {
        using var index = new FlatIndex(1, Metric.Dot);
        index.Add([0, 5000, 70, 9999], [1, 2, 3, 4]);
        var live = LiveSlots.Empty.With([0, 5000, 9999], []).With([], [9999]);
        var heap = new TopK();
        heap.Reset(10, new SlotTable());
        index.Search(new IndexQuery { Vectors = [1f], Live = live }, [heap]);
        heap.Sort();
        Assert.Equal([5000, 0], heap.SlotSpan.ToArray());
    }

    [Fact]
    public void TheLargestVectors_Fit()
    {
        using var index = new FlatIndex(ShardLimits.DimensionsMax, Metric.Euclid);
        var vector = new float[ShardLimits.DimensionsMax];
        vector[^1] = 3;
        index.Add([0], vector);
        var heap = new TopK();
        heap.Reset(1, new SlotTable());
        index.Search(new IndexQuery { Vectors = new float[ShardLimits.DimensionsMax], Live = LiveSlots.Empty.With([0], []) }, [heap]);
        Assert.Equal([-3f], heap.RankSpan.ToArray());
    }
}
