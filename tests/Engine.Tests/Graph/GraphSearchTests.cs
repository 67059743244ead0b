using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public class GraphSearchTests
{
    GraphOptions Walking => new() { FlatBelow = 0, Threads = 1, IsCompact = IsCompact };

    protected virtual bool IsCompact => false;

    [Fact]
    public void ASearch_AllocatesNothing()
    {
        var clusters = new Clusters(seed: 20, 96);
        using var vectors = new IndexedVectors(96, Metric.Cosine, Walking);
        vectors.Add(0, clusters.Many(3000));
        var half = LiveSlots.Empty.With([.. Enumerable.Range(0, 1500)], []);
        var few = LiveSlots.Empty.With([5, 77, 2999], []);
        LiveSlots[] sets = [vectors.Live, half, few];
        float[] queries = [.. clusters.Many(20).SelectMany(query => query)];
        TopK[] nearest = [.. Enumerable.Range(0, 20).Select(_ => new TopK())];
        for (var warm = 0; warm < 3; warm++)
            Search();
        // A collection in between trims the shared pool, and the next search rents anew: what every search allocates is in all.
        Assert.Equal(0, Enumerable.Range(0, 5).Min(_ => Search()));

        long Search()
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var live in sets)
            {
                foreach (var heap in nearest)
                    heap.Reset(10, SlotNumbers.Order);
                vectors.Graph.Search(new IndexQuery { Vectors = queries, Live = live }, nearest);
            }
            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public void ABatch_AnswersAsSingleQueriesDo()
    {
        var clusters = new Clusters(seed: 21, 96);
        using var vectors = new IndexedVectors(96, Metric.Euclid, Walking);
        vectors.Add(0, clusters.Many(3000));
        var queries = clusters.Many(67);
        var together = Slots(queries);
        for (var i = 0; i < queries.Length; i++)
            Assert.Equal(Slots([queries[i]])[0], together[i]);

        int[][] Slots(float[][] some)
        {
            TopK[] nearest = [.. some.Select(_ => new TopK())];
            foreach (var heap in nearest)
                heap.Reset(10, SlotNumbers.Order);
            vectors.Graph.Search(new IndexQuery { Vectors = some.SelectMany(x => x).ToArray(), Live = vectors.Live }, nearest);
            foreach (var heap in nearest)
                heap.Sort();
            return [.. nearest.Select(heap => heap.SlotSpan.ToArray())];
        }
    }

    [Fact]
    public void ACancelledSearch_Ends()
    {
        var clusters = new Clusters(seed: 22, 32);
        using var vectors = new IndexedVectors(32, Metric.Euclid, Walking with { SearchWidth = 3000 });
        vectors.Add(0, clusters.Many(4000));
        using var source = new CancellationTokenSource();
        source.Cancel();
        var nearest = new TopK();
        nearest.Reset(10, SlotNumbers.Order);
        Assert.Throws<OperationCanceledException>(() => vectors.Graph.Search(
            new IndexQuery { Vectors = clusters.Next(), Live = vectors.Live, Cancellation = source.Token }, [nearest]));
    }

    [Fact]
    public void AnExactSearchWithoutFloats_IsRefusedAndWithThemIsExact()
    {
        var clusters = new Clusters(seed: 23, 32);
        using var without = new IndexedVectors(32, Metric.Dot, Walking);
        using var with = new IndexedVectors(32, Metric.Dot, Walking with { KeepFloats = true });
        without.Add(0, clusters.Many(100));
        with.Add(0, clusters.Many(100));
        var nearest = new TopK();
        nearest.Reset(1, SlotNumbers.Order);
        Assert.Throws<NotSupportedException>(() => without.Graph.Search(
            new IndexQuery { Vectors = clusters.Next(), Live = without.Live, Exact = true }, [nearest]));
        var query = clusters.Next();
        with.Graph.Search(new IndexQuery { Vectors = query, Live = with.Live, Exact = true }, [nearest]);
        Assert.Equal(1, nearest.Count);
        Assert.Equal(with.Slots.Max(slot => query.Zip(with.Vector(slot), (x, y) => x * y).Sum()), nearest.RankSpan[0], 1e-4f);
    }

    [Fact]
    public void SearchesDuringWrites_SeeOnlyTheirSnapshot()
    {
        const int Stable = 2000, Batches = 60;
        var clusters = new Clusters(seed: 24, 48);
        using var vectors = new IndexedVectors(48, Metric.Euclid, Walking with { Threads = 2 });
        vectors.Add(0, clusters.Many(Stable));
        var snapshot = vectors.Live;
        float[][] queries = [.. Enumerable.Range(0, 16).Select(_ => clusters.Next())];
        var done = false;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            var rounds = 0;
            for (; !Volatile.Read(ref done) || rounds == 0; rounds++)
                Check();
            return rounds;
        })).ToArray();
        for (var batch = 0; batch < Batches; batch++)
        {
            var first = Stable + batch * 50;
            vectors.Add(first, clusters.Many(50));
            if (batch > 2)
                vectors.Remove([.. Enumerable.Range(first - 100, 40)]);
        }
        Volatile.Write(ref done, true);
        Assert.All(readers, reader => Assert.True(reader.GetAwaiter().GetResult() > 0));
        Assert.InRange(vectors.Recall(queries), 0.9, 1);

        void Check()
        {
            foreach (var query in queries)
            {
                var nearest = new TopK();
                nearest.Reset(10, SlotNumbers.Order);
                vectors.Graph.Search(new IndexQuery { Vectors = query, Live = snapshot }, [nearest]);
                nearest.Sort();
                Assert.Equal(10, nearest.Count);
                for (var i = 0; i < 10; i++)
                {
                    var slot = nearest.SlotSpan[i];
                    Assert.InRange(slot, 0, Stable - 1);
                    var distance = MathF.Sqrt(query.Zip(vectors.Vector(slot), (x, y) => (x - y) * (x - y)).Sum());
                    Assert.Equal(-distance, nearest.RankSpan[i], 0.01f);
                }
            }
        }
    }
}
