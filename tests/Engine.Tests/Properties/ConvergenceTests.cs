using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Properties;

/// <summary>
/// The write path over several shards without a bus: claims, upserts, evictions and releases as messages that are
/// repeated, delayed and reordered at random. Whatever happens, each id ends with its highest version, in exactly one
/// shard.
/// </summary>
public sealed class ConvergenceTests
{
    const int Shards = 3, Ids = 4;

    static readonly CollectionSchema Schema = new(2, Metric.Dot);

    [Fact]
    public void AnyOrderAndRepetition_ConvergesToTheHighestVersionInOnePlace()
    {
        var rounds = Environment.GetEnvironmentVariable("VECTORDB_LONG") == "1" ? 2000 : 60;
        var firstSeed = FirstSeed.Value;
        for (var seed = firstSeed; seed < firstSeed + rounds; seed++)
        {
            using var network = new Network(seed);
            network.Run(operations: 12);
            Assert.True(network.Fault() is null, $"seed {seed}: {network.Fault()}");
        }
    }

    /// <summary>Shards, and the messages under way between them.</summary>
    sealed class Network(int seed) : IDisposable
    {
        readonly Random _random = new(seed);
        readonly TempShard[] _shards = [.. Enumerable.Range(0, Shards).Select(number => new TempShard(number, Schema))];
        readonly List<Action> _underWay = [];
        readonly Dictionary<PointKey, (long Version, int? Target)> _latest = [];

        public void Run(int operations)
        {
            for (var i = 0; i < operations; i++)
            {
                var operation = Guid.NewGuid();
                var key = VectorGen.Key(_random.Next(Ids));
                int? target = _random.Next(4) == 0 ? null : _random.Next(Shards);
                Send(() =>
                {
                    // A redelivery may want another target, because the centroids have changed meanwhile.
                    var wanted = target is null ? (int?)null : _random.Next(3) == 0 ? _random.Next(Shards) : target;
                    Route(new Claim(operation, 0, key, wanted));
                });
            }
            while (_underWay.Count > 0)
            {
                var next = _random.Next(_underWay.Count);
                var message = _underWay[next];
                _underWay.RemoveAt(next);
                if (_random.Next(25) == 0)
                    _shards[_random.Next(Shards)].Close();
                message();
            }
        }

        public string? Fault()
        {
            foreach (var (key, latest) in _latest)
            {
                var rows = Enumerable.Range(0, Shards)
                    .Where(shard => _shards[shard].Shard.Read(key).State == PointState.Live).ToArray();
                var expected = latest.Target is { } target ? new[] { target } : [];
                if (!rows.SequenceEqual(expected))
                    return $"{key} lives in [{string.Join(',', rows)}] instead of [{string.Join(',', expected)}]";
                if (latest.Target is { } owner && _shards[owner].Shard.Read(key).Version != latest.Version)
                    return $"{key} has version {_shards[owner].Shard.Read(key).Version} instead of {latest.Version}";
                var entry = _shards[Home(key)].Shard.Locate(key)!;
                if (entry.Version != latest.Version || !entry.Places.Select(place => place.Shard).SequenceEqual(expected))
                    return $"the home of {key} says {entry} with places {string.Join(',', entry.Places)}";
            }
            return _shards.SelectMany(shard => shard.Shard.Validate().Problems).FirstOrDefault();
        }

        public void Dispose() => Array.ForEach(_shards, shard => shard.Dispose());

        void Route(Claim claim)
        {
            var grant = _shards[Home(claim.Key)].Shard.Write(transaction => transaction.Claim(claim));
            if (grant.Version > 0 && (!_latest.TryGetValue(claim.Key, out var latest) || latest.Version < grant.Version))
                _latest[claim.Key] = (grant.Version, grant.Target);
            if (grant.Target is { } target)
                Send(() => Upsert(claim.Key, grant, target));
            else
                Evict(claim.Key, grant);
        }

        void Upsert(PointKey key, ClaimGrant grant, int target)
        {
            _shards[target].Upsert(key, grant.Version, [grant.Version, 1]);
            Evict(key, grant);
        }

        void Evict(PointKey key, ClaimGrant grant)
        {
            foreach (var place in grant.OtherPlaces)
            {
                Send(() =>
                {
                    _shards[place].Write(transaction => transaction.Evict(key, grant.Version));
                    Send(() => _shards[Home(key)].Write(transaction => transaction.Release(key, place, grant.Version)));
                });
            }
        }

        /// <summary>At least once.</summary>
        void Send(Action message)
        {
            for (var copies = _random.Next(4) == 0 ? 2 : 1; copies > 0; copies--)
                _underWay.Add(message);
        }

        static int Home(PointKey key) => key.Bytes[^1] % Shards;
    }
}
