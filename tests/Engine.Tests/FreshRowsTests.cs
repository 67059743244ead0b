using CsCheck;
using VectorDb.Engine.Index;
using VectorDb.Engine.Kernels;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class FreshRowsTests
{
    /// <summary>Down to numbers of few digits, up to products near the largest float32.</summary>
    static readonly float[] Scales = [1, 1, 1, 1, 1e-42f, 1e-37f, 1e-20f, 1e-9f, 1e9f, 1e16f];

    static readonly double[] Shares = [0.02, 0.5, 1];

    static readonly Gen<Case> Cases =
        from dimensions in Gen.OneOf(Gen.Int[60, 70], Gen.Int[71, 400], Gen.Const(4_096))
        from rows in dimensions < 400 ? Gen.OneOf(Gen.Int[1, 300], Gen.Const(2_200)) : Gen.Int[1, 100]
        from queries in Gen.Int[1, 9]
        from top in Gen.Int[1, 30]
        from kind in Gen.Enum<Kind>()
        from scale in Gen.Int[0, Scales.Length - 1]
        from share in Gen.Int[0, Shares.Length - 1]
        from seed in Gen.Int
        select new Case(dimensions, rows, queries, top, kind, Scales[scale], Shares[share], seed);

    enum Kind
    {
        Normal,
        TiesAndZeros,
        OneCluster,
        OneLargeNumber,
    }

    /// <summary>Byte codes only save work: what they leave out could not have been among the nearest.</summary>
    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    internal void ASearch_FindsWhatAScanOfEverythingFinds(Metric metric) => Cases.Sample(
        c =>
        {
            var random = new Random(c.Seed);
            var vectors = new Vectors(c, metric);
            int[] slots = [.. Enumerable.Range(0, c.Rows)];
            var rows = slots.SelectMany(_ => vectors.Next()).ToArray();
            var queries = Enumerable.Range(0, c.Queries).SelectMany(_ => vectors.Next()).ToArray();
            var live = LiveSlots.Empty.With([.. slots.Where(_ => random.NextDouble() < c.Share)], []);
            using var flat = new FlatIndex(c.Dimensions, metric);
            flat.Add(slots, rows);
            using var fresh = new FreshRows(c.Dimensions, metric);
            fresh.Add(slots, rows, new long[c.Rows]);
            var (expected, found) = (Heaps(c), Heaps(c));
            flat.Search(new IndexQuery { Vectors = queries, Live = live }, expected);
            fresh.Search(new IndexQuery { Vectors = queries, Live = live }, found);
            for (var query = 0; query < c.Queries; query++)
            {
                expected[query].Sort();
                found[query].Sort();
                Assert.Equal(expected[query].SlotSpan, found[query].SlotSpan);
                Assert.Equal(expected[query].RankSpan, found[query].RankSpan);
            }
        },
        iter: 150);

    [Fact]
    public void ARowThatIsGone_LeavesItsPlaceToAnother()
    {
        const int Dimensions = 64, Rows = 200;
        var vectors = new VectorGen(seed: 1, Dimensions);
        using var fresh = new FreshRows(Dimensions, Metric.Dot);
        int[] slots = [.. Enumerable.Range(0, Rows)];
        fresh.Add(slots, slots.SelectMany(_ => vectors.Normal()).ToArray(), new long[Rows]);
        foreach (var slot in slots)
            fresh.Free(slot);
        var vector = vectors.Normal();
        fresh.Add([7], vector, [0]);
        var heap = new TopK();
        heap.Reset(3, new SlotTable());
        fresh.Search(new IndexQuery { Vectors = vector, Live = LiveSlots.Empty.With([7], []) }, [heap]);
        Assert.Equal([7], heap.SlotSpan.ToArray());
        Assert.Equal(vector.Sum(x => x * x), heap.RankSpan[0], 1e-3f);
    }

    static TopK[] Heaps(Case c)
    {
        var table = new SlotTable();
        table.Reserve(c.Rows);
        for (var slot = 0; slot < c.Rows; slot++)
            table.Set(slot, VectorGen.Key(slot).Span, 1);
        return [.. Enumerable.Range(0, c.Queries).Select(_ =>
        {
            var heap = new TopK();
            heap.Reset(c.Top, table);
            return heap;
        })];
    }

    sealed record Case(int Dimensions, int Rows, int Queries, int Top, Kind Kind, float Scale, double Share, int Seed);

    sealed class Vectors(Case c, Metric metric)
    {
        readonly VectorGen _gen = new(c.Seed, c.Dimensions);
        float[]? _center;

        public float[] Next()
        {
            var vector = c.Kind == Kind.TiesAndZeros ? _gen.Whole() : _gen.Normal();
            if (c.Kind == Kind.OneCluster)
            {
                _center ??= _gen.Normal();
                vector = [.. vector.Zip(_center, (x, center) => center + 1e-3f * x)];
            }
            else if (c.Kind == Kind.OneLargeNumber)
                vector[0] *= 1_000;
            vector = [.. vector.Select(x => x * c.Scale)];
            if (metric == Metric.Cosine && Norms.Length(vector) is > 0 and var length)
                Norms.Normalize(vector, length, vector);
            return vector;
        }
    }
}
