using CsCheck;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

public sealed class ResultMergerTests
{
    /// <summary>A row as one shard has it; few different scores, so that ties are common.</summary>
    readonly record struct Row(ulong Id, int Shard, long Version, int Score);

    static readonly Gen<Row[]> Rows =
        Gen.Select(Gen.ULong[0, 60], Gen.Int[0, 3], Gen.Long[1, 4], Gen.Int[-3, 3])
            .Select((id, shard, version, score) => new Row(id, shard, version, score)).Array[0, 60]
            .Select(rows => rows.DistinctBy(row => (row.Id, row.Shard)).DistinctBy(row => (row.Id, row.Version)).ToArray());

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void ShardsParts_GiveWhatOneBigShardWould() =>
        Gen.Select(Rows, Gen.Int[1, 20], Gen.Bool).Sample((rows, topK, lowerIsNearer) =>
        {
            rows = [.. rows.DistinctBy(row => row.Id)];
            var merged = ResultMerger.Merge(PartsOf(rows, topK, lowerIsNearer), topK, lowerIsNearer);
            Assert.Equal(Best(rows, topK, lowerIsNearer), merged.Select(RowOf));
        });

    [Fact]
    public void IdInSeveralShards_CountsWithItsHighestVersionOnly() =>
        Gen.Select(Rows, Gen.Int[1, 20], Gen.Bool).Sample((rows, topK, lowerIsNearer) =>
        {
            var newest = rows.GroupBy(row => row.Id).Select(same => same.MaxBy(row => row.Version)).ToArray();
            var merged = ResultMerger.Merge(PartsOf(rows, rows.Length + 1, lowerIsNearer), topK, lowerIsNearer);
            Assert.Equal(Best(newest, topK, lowerIsNearer), merged.Select(RowOf));
        });

    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    public void RealShards_GiveWhatOneRealShardWould(Metric metric)
    {
        using var folder = new TempFolder();
        using var whole = Open(folder, 99, metric);
        var shards = Enumerable.Range(0, 3).Select(i => Open(folder, i, metric)).ToArray();
        var random = new Random(7);
        for (var i = 1UL; i <= 400; i++)
        {
            var row = new PointRow { Key = new(Wire.Id(i)), Version = (long)i, Vector = Whole(random) };
            foreach (var shard in new[] { whole, shards[random.Next(3)] })
                shard.Write(transaction => transaction.Upsert(row));
        }
        for (var query = 0; query < 20; query++)
        {
            var question = new SearchQuery { Vector = Whole(random), TopK = 25 };
            var parts = shards.Select((shard, i) => (i, AnswerOf(shard.Search([question], Stop)[0]))).ToList();
            var expected = whole.Search([question], Stop)[0];
            var merged = ResultMerger.Merge(parts, 25, metric == Metric.Euclid);
            Assert.Equal(expected.Select(hit => (hit.Key, hit.Version, hit.Score)),
                merged.Select(hit => (new PointKey(hit.Point.Id), hit.Point.Version, hit.Point.Score)));
        }
        Array.ForEach(shards, shard => shard.Dispose());
    }

    [Fact]
    public void NoParts_GiveNothing() => Assert.Empty(ResultMerger.Merge([], 5, false));

    static Row RowOf(MergedHit hit) =>
        new(PointId.FromKey(hit.Point.Id).AsNumber(), hit.Shard, hit.Point.Version, (int)hit.Point.Score);

    static Shard Open(TempFolder folder, int number, Metric metric)
    {
        var shard = Shard.Open(new() { Path = Path.Combine(folder.Path, $"{number}.sqlite3"), Number = number });
        shard.Write(transaction =>
        {
            transaction.DefineSchema(new(4, metric));
            return true;
        });
        return shard;
    }

    /// <summary>Whole numbers, so that equal scores are common and exact; never all zero.</summary>
    static float[] Whole(Random random) => [random.Next(1, 4), random.Next(-3, 4), random.Next(-3, 4), random.Next(-3, 4)];

    static ShardAnswer AnswerOf(SearchHit[] hits) => new()
    {
        Index = 0,
        Asked = [0, 1, 2],
        Hits = [.. hits.Select(hit => new FoundPoint { Id = hit.Key.Bytes, Version = hit.Version, Score = hit.Score })],
    };

    static IReadOnlyCollection<(int, ShardAnswer)> PartsOf(Row[] rows, int topK, bool lowerIsNearer) =>
        [.. rows.GroupBy(row => row.Shard).Select(shard => (shard.Key, new ShardAnswer
        {
            Index = 0,
            Asked = [],
            Hits = [.. Best([.. shard], topK, lowerIsNearer).Select(row => new FoundPoint
            {
                Id = Wire.Id(row.Id),
                Version = row.Version,
                Score = row.Score,
            })],
        }))];

    static IEnumerable<Row> Best(Row[] rows, int topK, bool lowerIsNearer) =>
        rows.OrderBy(row => lowerIsNearer ? row.Score : -row.Score).ThenBy(row => row.Id).Take(topK);
}
