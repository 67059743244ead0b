using CsCheck;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Tests.Graph;

public class GraphChurnTests
{
    const int Dimensions = 64;

    GraphOptions Walking => new() { FlatBelow = 0, Threads = 1, IsCompact = IsCompact };

    protected virtual bool IsCompact => false;

    [Fact]
    public void TenRoundsInClusteredOrder_AreAsGoodAsAFreshBuild()
    {
        const int Count = 3000, Part = Count / 10;
        var clusters = new Clusters(seed: 1, Dimensions);
        using var churned = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        using var fresh = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        churned.Add(0, clusters.Many(Count));
        var next = Count;
        for (var round = 0; round < 10; round++)
        {
            churned.Remove([.. churned.Slots.Order().Take(Part)]);
            for (var i = 0; i < Part; i += 50, next += 50)
                churned.Add(next, Enumerable.Range(0, 50).Select(_ => clusters.Next((next / 50) % clusters.Count)));
        }
        var order = churned.Slots.Order().ToArray();
        fresh.Add(0, order.Select(churned.Vector));
        var queries = clusters.Many(2000);
        var (before, after) = (fresh.Recall(queries), churned.Recall(queries));
        // 20,000 neighbours are looked for: chance alone moves this by 0.001.
        Assert.True(after > before - 0.005, $"recall {after} after churn, {before} when built anew");
        Assert.InRange(after, 0.95, 1);
        Assert.True(churned.Graph.Graph!.VertexCount < Count * 14 / 10, "removed vertices are used again");
    }

    [Fact]
    public void DeletesAndUpdatesOfThirtyPercent_CostAlmostNothing()
    {
        const int Count = 4000;
        var clusters = new Clusters(seed: 6, Dimensions);
        using var changed = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        using var fresh = new IndexedVectors(Dimensions, Metric.Cosine, Walking);
        changed.Add(0, clusters.Many(Count));
        // 15 % are deleted, as many others get another vector in another slot.
        changed.Remove([.. Enumerable.Range(0, Count).Where(slot => slot % 20 < 3)]);
        var updated = Enumerable.Range(0, Count).Where(slot => slot % 20 is >= 10 and < 13).ToArray();
        for (var i = 0; i < updated.Length; i += 100)
        {
            changed.Add(Count + i, clusters.Many(Math.Min(100, updated.Length - i)));
            changed.Remove(updated[i..Math.Min(updated.Length, i + 100)]);
        }
        fresh.Add(0, changed.Slots.Order().Select(changed.Vector));
        var queries = clusters.Many(400);
        var (before, after) = (fresh.Recall(queries), changed.Recall(queries));
        Assert.True(after > before - 0.005, $"recall {after} after 15 % deleted and 15 % updated, {before} when built anew");
    }

    [Fact]
    public void AlmostEverythingRemoved_TheRestIsFound()
    {
        var clusters = new Clusters(seed: 2, Dimensions);
        using var vectors = new IndexedVectors(Dimensions, Metric.Euclid, Walking);
        vectors.Add(0, clusters.Many(4000));
        vectors.Remove([.. Enumerable.Range(0, 4000).Where(slot => slot % 40 != 0)]);
        Assert.InRange(vectors.Recall(clusters.Many(50)), 0.99, 1);
        vectors.Remove([.. vectors.Slots]);
        vectors.Add(0, clusters.Many(3000));
        Assert.InRange(vectors.Recall(clusters.Many(100)), 0.95, 1);
    }

    [Fact]
    public void ARemovedSlot_IsRefusedTwice()
    {
        using var vectors = new IndexedVectors(Dimensions, Metric.Dot, Walking);
        vectors.Add(0, new Clusters(seed: 3, Dimensions).Many(10));
        vectors.Remove(4);
        Assert.Throws<ArgumentException>(() => vectors.Graph.Remove([4]));
    }

    [Fact]
    public void AnyHistory_AnswersOnlyLiveSlotsWithTheirScores() => Gen.Select(
        Gen.Int[0, 1 << 30], Gen.Enum<Metric>(), Gen.Int[0, 3]).Sample(
        (seed, metric, flat) =>
        {
            var clusters = new Clusters(seed, Dimensions, count: 8);
            var random = new Random(seed);
            using var vectors = new IndexedVectors(Dimensions, metric, Walking with { FlatBelow = flat * 200 });
            var next = 0;
            for (var step = 0; step < 40; step++)
            {
                if (random.Next(3) > 0 || vectors.Slots.Count == 0)
                {
                    var count = random.Next(1, 60);
                    vectors.Add(next, clusters.Many(count));
                    next += count;
                }
                else
                {
                    vectors.Remove([.. vectors.Slots.Order().Where(_ => random.Next(4) == 0)]);
                }
                if (vectors.Slots.Count > 0)
                    Assert.InRange(vectors.Recall(clusters.Many(3), topK: random.Next(1, 20)), 0.6, 1);
            }
        },
        iter: 30);
}
