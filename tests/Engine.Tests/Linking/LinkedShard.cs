using VectorDb.Engine.Index.Graph;
using VectorDb.Engine.Tests.Graph;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>
/// A shard that links early, beside an exact oracle of what it was told: answers are judged hit by hit, and the part of the
/// true nearest among them is counted.
/// </summary>
sealed class LinkedShard : IDisposable
{
    public const int Dimensions = 40, FlatBelow = 300;

    readonly Metric _metric;
    readonly ExactOracle _oracle;
    readonly Dictionary<PointKey, long> _versions = [];
    int _found;
    int _wanted;

    public LinkedShard(Metric metric, int seed, bool fast = true)
    {
        (_metric, _oracle, Clusters) = (metric, new ExactOracle(metric), new Clusters(seed, Dimensions, count: 20));
        Temp = new TempShard(fast: fast);
        Temp.Options = Temp.Options with { Graph = Linking };
        Temp.Define(new CollectionSchema(Dimensions, metric));
    }

    public static GraphOptions Linking { get; } = new() { FlatBelow = FlatBelow, Threads = 2 };

    public TempShard Temp { get; }

    public Clusters Clusters { get; }

    public string GraphPath => Path.ChangeExtension(Temp.Path, ".graph");

    public int Count => _oracle.Count;

    /// <summary>Of all answers so far.</summary>
    public double Recall => _wanted == 0 ? 1 : _found / (double)_wanted;

    public void Upsert(IEnumerable<int> numbers, int cluster = -1)
    {
        var rows = numbers.Select(number => new PointRow
        {
            Key = VectorGen.Key(number),
            Version = _versions.GetValueOrDefault(VectorGen.Key(number)) + 1,
            Vector = cluster < 0 ? Clusters.Next() : Clusters.Next(cluster),
            Payload = $"{number}",
        }).ToArray();
        Temp.Write(transaction => Array.ForEach(rows, row => transaction.Upsert(row)));
        foreach (var row in rows)
        {
            _versions[row.Key] = row.Version;
            _oracle.Set(row.Key, row.Version, row.Vector);
        }
    }

    public void Delete(IEnumerable<int> numbers)
    {
        var keys = numbers.Select(number => VectorGen.Key(number)).ToArray();
        Temp.Write(transaction => Array.ForEach(keys, key => transaction.Evict(key, _versions.GetValueOrDefault(key) + 1)));
        foreach (var key in keys)
        {
            _versions[key] = _versions.GetValueOrDefault(key) + 1;
            _oracle.Remove(key);
        }
    }

    /// <summary>Waits until the graph has every row.</summary>
    public void WaitForLinks() => Assert.True(
        SpinWait.SpinUntil(() => Temp.Shard.Stats is var stats && stats.Linked == stats.Points, TimeSpan.FromSeconds(60)),
        $"not linked: {Temp.Shard.Stats}");

    /// <summary>Asks, and judges everything but whether the nearest are among the hits, which is counted.</summary>
    public void Search(int topK = 10, bool exact = false, bool withContents = false)
    {
        var query = Clusters.Next();
        var hits = Temp.Shard.Search([new SearchQuery
        {
            Vector = query,
            TopK = topK,
            Exact = exact,
            WithPayload = withContents,
            WithVector = withContents,
        }])[0];
        if (exact)
        {
            Assert.Null(_oracle.Fault(hits, query, topK, Tolerance));
            return;
        }
        var scores = _oracle.Scores(query);
        var byKey = scores.ToDictionary(score => score.Key, score => score.Score);
        Assert.Equal(Math.Min(topK, scores.Count), hits.Length);
        Assert.Equal(hits.Length, hits.Select(hit => hit.Key).Distinct().Count());
        foreach (var hit in hits)
        {
            Assert.True(byKey.TryGetValue(hit.Key, out var score), $"{hit.Key} was deleted");
            Assert.Equal(_versions[hit.Key], hit.Version);
            Assert.Equal(score, hit.Score, Tolerance);
        }
        var nearest = scores.Take(topK).Select(score => score.Key).ToHashSet();
        (_found, _wanted) = (_found + hits.Count(hit => nearest.Contains(hit.Key)), _wanted + nearest.Count);
    }

    public void Dispose() => Temp.Dispose();

    // float32 sums of 40 products of numbers below 10.
    double Tolerance => _metric == Metric.Cosine ? 1e-6 : 1e-4;
}
