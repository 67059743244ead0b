using VectorDb.Engine.Index;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>Rows move into the graph under searches and writes, and nobody notices but by the time it takes.</summary>
public sealed class LinkingTests
{
    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    public void WhatIsWritten_IsFoundAtOnceWithItsScore(Metric metric)
    {
        using var shard = new LinkedShard(metric, FirstSeed.Value);
        for (var first = 0; first < 2400; first += 80)
        {
            shard.Upsert(Enumerable.Range(first, 80));
            shard.Upsert(Enumerable.Range(first / 2, 10));
            shard.Delete([first / 3, first / 3 + 7]);
            shard.Search();
            shard.Search(topK: 3, withContents: true);
            shard.Search(exact: true);
        }
        shard.WaitForLinks();
        for (var i = 0; i < 30; i++)
        {
            shard.Search();
            shard.Search(exact: true);
        }
        Assert.InRange(shard.Recall, 0.95, 1);
        Assert.Empty(shard.Temp.Shard.Validate().Problems);
    }

    [Fact]
    public void ASmallShard_IsScanned()
    {
        using var shard = new LinkedShard(Metric.Cosine, seed: 2);
        shard.Upsert(Enumerable.Range(0, LinkedShard.FlatBelow - 1));
        for (var i = 0; i < 20; i++)
            shard.Search();
        Assert.Equal(0, shard.Temp.Shard.Stats.Linked);
        Assert.Equal(1, shard.Recall);
    }

    [Fact]
    public void OneDimension_IsScannedHoweverLarge()
    {
        using var temp = new TempShard();
        temp.Options = temp.Options with { Graph = LinkedShard.Linking };
        temp.Define(new CollectionSchema(1, Metric.Euclid));
        temp.Write(transaction =>
        {
            for (var i = 0; i < 1000; i++)
                transaction.Upsert(new PointRow { Key = VectorGen.Key(i), Version = 1, Vector = [i] });
        });
        Assert.Equal(VectorGen.Key(700), temp.Search([700.2f], 1)[0].Key);
        Assert.Equal(0, temp.Shard.Stats.Linked);
    }

    [Fact]
    public void EverythingDeleted_LeavesNothing_AndSlotsAreUsedAgain()
    {
        using var shard = new LinkedShard(Metric.Cosine, seed: 3);
        for (var round = 0; round < 3; round++)
        {
            shard.Upsert(Enumerable.Range(0, 1000));
            shard.WaitForLinks();
            shard.Delete(Enumerable.Range(0, 1000));
            shard.Search();
        }
        shard.Upsert(Enumerable.Range(0, 1000));
        shard.WaitForLinks();
        shard.Search(exact: true);
        for (var i = 0; i < 20; i++)
            shard.Search();
        Assert.InRange(shard.Recall, 0.95, 1);
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(0.1)]
    [InlineData(0.01)]
    public void AFilter_RestrictsFreshAndLinkedRows(double share)
    {
        using var shard = new LinkedShard(Metric.Cosine, seed: 4);
        shard.Upsert(Enumerable.Range(0, 3000));
        shard.WaitForLinks();
        shard.Upsert(Enumerable.Range(3000, 100));
        var random = new Random(1);
        var among = LiveSlots.Empty.With([.. Enumerable.Range(0, 3100).Where(_ => random.NextDouble() < share)], []);
        var found = 0;
        for (var i = 0; i < 20; i++)
        {
            var query = new SearchQuery { Vector = shard.Clusters.Next(), TopK = 10, Among = among };
            var results = shard.Temp.Shard.Search([query, query with { Exact = true }, query with { Among = null }]);
            var exact = results[1].Select(hit => (hit.Key, hit.Score)).ToHashSet();
            found += results[0].Count(hit => exact.Contains((hit.Key, hit.Score)));
            Assert.True(results[2][0].Score >= results[0][0].Score, "the unfiltered answer is the best");
        }
        // The same pair has the same score, however it was found.
        Assert.InRange(found, 190, 200);
    }
}
