using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>
/// Random operations on a shard against a dictionary and an exact scan. VECTORDB_LONG=1 runs it long.
/// </summary>
public sealed class ShardModelTests
{
    [Theory]
    [InlineData(Metric.Cosine)]
    [InlineData(Metric.Dot)]
    [InlineData(Metric.Euclid)]
    public void ShardsBehaveLikeADictionaryAndAScan(Metric metric)
    {
        var isLong = Environment.GetEnvironmentVariable("VECTORDB_LONG") == "1";
        var firstSeed = FirstSeed.Value;
        for (var seed = firstSeed; seed < firstSeed + (isLong ? 100 : 4); seed++)
        {
            using var run = new Run(metric, seed);
            for (var step = 0; step < (isLong ? 2000 : 250); step++)
            {
                var fault = run.Step();
                Assert.True(fault is null, $"{metric}, seed {seed}, step {step}: {fault}");
            }
        }
    }

    sealed class Run : IDisposable
    {
        const int Dimensions = 5, Keys = 150;

        readonly Random _random;
        readonly VectorGen _vectors;
        readonly Metric _metric;
        readonly TempShard _temp;
        readonly ExactOracle _live;
        readonly Dictionary<PointKey, Kept> _kept = [];
        readonly Dictionary<PointKey, (long Version, bool Deleted, SortedDictionary<int, long> Places)> _entries = [];
        long _lastClaim;

        public Run(Metric metric, int seed)
        {
            (_metric, _random, _vectors) = (metric, new Random(seed), new VectorGen(seed, Dimensions));
            _temp = new TempShard(schema: new CollectionSchema(Dimensions, metric));
            _live = new ExactOracle(metric);
        }

        public string? Step() => _random.Next(20) switch
        {
            < 6 => Upsert(fails: false),
            6 => Upsert(fails: true),
            7 or 8 => Evict(),
            9 or 10 => Claim(),
            < 16 => Search(),
            16 or 17 => Read(),
            18 => List(),
            _ => Reopen(),
        };

        public void Dispose() => _temp.Dispose();

        string? Upsert(bool fails)
        {
            var rows = Enumerable.Range(0, _random.Next(1, 40)).Select(_ => NewRow()).ToArray();
            if (fails)
            {
                Assert.Throws<FormatException>(() => _temp.Write(transaction =>
                {
                    Array.ForEach(rows, row => transaction.Upsert(row));
                    throw new FormatException();
                }));
                return null;
            }
            var outcomes = _temp.Shard.Write(transaction => rows.Select(transaction.Upsert).ToArray());
            for (var i = 0; i < rows.Length; i++)
            {
                var row = rows[i];
                var applies = row.Version > Version(row.Key);
                if (outcomes[i] == UpsertOutcome.Applied != applies)
                    return $"upsert of {row.Key} version {row.Version} over {Version(row.Key)}: {outcomes[i]}";
                if (!applies)
                    continue;
                _kept[row.Key] = new Kept(row.Version, row);
                _live.Set(row.Key, row.Version, row.Vector);
            }
            return null;
        }

        string? Evict()
        {
            var (key, version) = (NewKey(), _random.Next(1, 60));
            var removes = _kept.TryGetValue(key, out var kept) && kept.Row is not null && kept.Version < version;
            var removed = _temp.Shard.Write(transaction => transaction.Evict(key, version));
            if (version > Version(key))
            {
                _kept[key] = new Kept(version, null);
                _live.Remove(key);
            }
            return removed == removes ? null : $"evict {key} {version}: {removed}";
        }

        string? Claim()
        {
            var key = NewKey();
            int? target = _random.Next(4) == 0 ? null : _random.Next(5);
            var grant = _temp.Shard.Write(transaction => transaction.Claim(new Claim(Guid.NewGuid(), 0, key, target)));
            var known = _entries.TryGetValue(key, out var entry);
            if (target is null && (!known || entry.Deleted))
                return grant == new ClaimGrant(known ? entry.Version : 0, null, grant.OtherPlaces, Existed: false)
                    && grant.OtherPlaces.Count == 0 ? null : $"deleting {key}, which is not there, got {grant}";
            var places = known ? entry.Places : [];
            var others = places.Keys.Where(place => place != target).ToArray();
            if (grant.Version != ++_lastClaim || grant.Existed != (known && !entry.Deleted) || !grant.OtherPlaces.SequenceEqual(others))
                return $"claim of {key} got {grant}, other places {string.Join(',', grant.OtherPlaces)}";
            if (target is { } shard)
                places[shard] = grant.Version;
            if (others.Length > 0)
            {
                var released = others[_random.Next(others.Length)];
                _temp.Write(transaction => transaction.Release(key, released, grant.Version));
                places.Remove(released);
            }
            _entries[key] = (grant.Version, target is null, places);
            var located = _temp.Shard.Locate(key)!;
            return located.Version == grant.Version && located.Deleted == target is null
                && located.Places.SequenceEqual(places.Select(place => new Place(place.Key, place.Value)))
                ? null : $"the directory says {located}";
        }

        string? Search()
        {
            var (query, topK) = (NewVector(), _random.Next(1, Keys + 10));
            var batch = Enumerable.Range(0, _random.Next(1, 7)).Select(_ => NewVector()).Append(query).ToArray();
            var withContents = _random.Next(3) == 0;
            var results = _temp.Shard.Search([.. batch.Select(vector => new SearchQuery
            {
                Vector = vector,
                TopK = topK,
                Exact = _random.Next(2) == 0,
                WithPayload = withContents,
                WithVector = withContents,
            })]);
            for (var i = 0; i < batch.Length; i++)
            {
                if (_live.Fault(results[i], batch[i], topK, _metric == Metric.Cosine ? 1e-6 : 0) is { } fault)
                    return fault;
                if (withContents && results[i].FirstOrDefault(hit => hit.Payload != _kept[hit.Key].Row!.Payload) is { } wrong)
                    return $"{wrong.Key} came with payload {wrong.Payload}";
            }
            return null;
        }

        string? Read()
        {
            var key = NewKey();
            var reading = _temp.Shard.Read(key);
            var kept = _kept.GetValueOrDefault(key);
            var state = kept is null ? PointState.Absent : kept.Row is null ? PointState.Tombstone : PointState.Live;
            if (reading.State != state || reading.Version != Version(key))
                return $"read {key}: {reading} instead of {state} {Version(key)}";
            return reading.Row?.Payload == kept?.Row?.Payload ? null : $"read {key}: payload {reading.Row?.Payload}";
        }

        string? List() => _temp.Shard.ListKeys(null, 1000).SequenceEqual(_live.Keys) ? null : "the list of keys differs";

        string? Reopen()
        {
            if (_temp.Shard.Validate().Problems.FirstOrDefault() is { } problem)
                return problem;
            _temp.Close();
            var stats = _temp.Shard.Stats;
            return stats.Points == _live.Count && stats.Tombstones == _kept.Values.Count(kept => kept.Row is null)
                && stats.DirectoryEntries == _entries.Values.Count(entry => !entry.Deleted) ? null : $"after opening: {stats}";
        }

        PointRow NewRow() => new()
        {
            Key = NewKey(),
            Version = _random.Next(1, 60),
            Vector = NewVector(),
            Payload = _random.Next(2) == 0 ? null : $"{{\"n\":{_random.Next()}}}",
        };

        float[] NewVector() => _metric == Metric.Cosine ? _vectors.Normal() : _vectors.Whole();

        PointKey NewKey() => VectorGen.Key(_random.Next(Keys));

        long Version(PointKey key) => _kept.GetValueOrDefault(key)?.Version ?? 0;

        sealed record Kept(long Version, PointRow? Row);
    }
}
