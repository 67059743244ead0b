using CsCheck;
using VectorDb.Engine.Index;
using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Properties;

public sealed class IndexProperties
{
    [Fact]
    public void TopK_EqualsASort() => Gen.Select(Gen.Int[0, 6].Array[0, 300], Gen.Int[1, 320]).Sample((ranks, k) =>
    {
        var heap = new TopK();
        heap.Reset(k, new ReverseOrder());
        for (var slot = 0; slot < ranks.Length; slot++)
            heap.Offer(ranks[slot], slot);
        heap.Sort();
        var expected = ranks.Select((rank, slot) => (rank, slot))
            .OrderByDescending(row => row.rank).ThenByDescending(row => row.slot).Take(k).ToArray();
        Assert.Equal(expected.Select(row => row.slot), heap.SlotSpan.ToArray());
        Assert.Equal(expected.Select(row => (float)row.rank), heap.RankSpan.ToArray());
    });

    [Fact]
    public void LiveSlots_EqualASet() =>
        Gen.Select(Gen.Int[0, 20_000], Gen.Bool).List[0, 40].List[0, 20].Sample(batches =>
        {
            var expected = new HashSet<int>();
            var live = LiveSlots.Empty;
            foreach (var batch in batches)
            {
                var before = (Live: live, Expected: expected.ToHashSet());
                var added = batch.Where(change => change.Item2).Select(change => change.Item1).Distinct().ToArray();
                var removed = expected.Where(slot => batch.Contains((slot, false)) && !added.Contains(slot)).ToArray();
                live = live.With(added, removed);
                expected.UnionWith(added);
                expected.ExceptWith(removed);
                Assert.Equal(expected.Order(), Members(live));
                Assert.Equal(expected.Count, live.Count);
                Assert.Equal(before.Expected.Order(), Members(before.Live));
            }
        });

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    internal void RowScores_EqualScalarArithmetic(Metric metric) =>
        Gen.Select(Gen.Int[1, 200], Gen.Int).Sample((dimensions, seed) =>
        {
            var vectors = new VectorGen(seed, dimensions);
            var query = vectors.Normal();
            var rows = Enumerable.Range(0, 7).Select(_ => vectors.Normal()).ToArray();
            if (metric == Metric.Cosine)
            {
                query = Normalized(query);
                rows = [.. rows.Select(Normalized)];
            }
            using var index = new FlatIndex(dimensions, metric);
            index.Add([0, 1, 2, 3, 4, 5, 6], rows.SelectMany(row => row).ToArray());
            var live = LiveSlots.Empty.With([0, 1, 2, 3, 4, 5, 6], []);
            var ranks = Ranks(index, live, [query], 7)[0];
            for (var slot = 0; slot < rows.Length; slot++)
                Assert.Equal(Scalar(metric, query, rows[slot]), ranks[slot], 1e-5 * dimensions);
        }, iter: 200);

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    internal void AScore_IsTheSameToTheLastBitInAnyBatch(Metric metric) =>
        Gen.Select(Gen.Int[1, 100], Gen.Int[1, 70], Gen.Int[1, 150], Gen.Int).Sample((dimensions, queryCount, rowCount, seed) =>
        {
            var vectors = new VectorGen(seed, dimensions);
            using var index = new FlatIndex(dimensions, metric);
            int[] slots = [.. Enumerable.Range(0, rowCount)];
            index.Add(slots, slots.SelectMany(_ => vectors.Normal()).ToArray());
            var live = LiveSlots.Empty.With(slots, []);
            var queries = Enumerable.Range(0, queryCount).Select(_ => vectors.Normal()).ToArray();
            var together = Ranks(index, live, queries, rowCount);
            for (var i = 0; i < queryCount; i++)
                Assert.Equal(Ranks(index, live, [queries[i]], rowCount)[0], together[i]);
        }, iter: 100);

    [Fact]
    public void Normalize_IsAFixpointWithinAMillionth() =>
        Gen.Float[-1e30f, 1e30f].Array[1, 700].Where(vector => vector.Any(x => x != 0)).Sample(vector =>
        {
            var once = Normalized(vector);
            Assert.Equal(1, Norms.Length(once), 1e-6);
            Assert.Equal(once, Normalized(once));
        });

    static IEnumerable<int> Members(LiveSlots live) => Enumerable.Range(0, 20_100).Where(live.Contains);

    static float[] Normalized(float[] vector)
    {
        var result = new float[vector.Length];
        Norms.Normalize(vector, Norms.Length(vector), result);
        return result;
    }

    static double Scalar(Metric metric, float[] left, float[] right) => metric == Metric.Euclid
        ? -Math.Sqrt(left.Zip(right, (a, b) => ((double)a - b) * ((double)a - b)).Sum())
        : left.Zip(right, (a, b) => (double)a * b).Sum();

    /// <summary>The ranks of all rows by slot.</summary>
    static float[][] Ranks(FlatIndex index, LiveSlots live, float[][] queries, int rowCount)
    {
        var heaps = queries.Select(_ => new TopK()).ToArray();
        Array.ForEach(heaps, heap => heap.Reset(rowCount, new ReverseOrder()));
        index.Search(new IndexQuery { Vectors = queries.SelectMany(query => query).ToArray(), Live = live }, heaps);
        return [.. heaps.Select(heap =>
        {
            var ranks = new float[rowCount];
            for (var i = 0; i < heap.Count; i++)
                ranks[heap.SlotSpan[i]] = heap.RankSpan[i];
            return ranks;
        })];
    }

    sealed class ReverseOrder : ISlotOrder
    {
        public int Compare(int left, int right) => right.CompareTo(left);
    }
}
