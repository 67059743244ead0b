using System.Collections.Concurrent;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>The shards that this process owns. Thread-safe.</summary>
public sealed class ShardSet(VectorDbOptions options, ILogger<ShardSet> logger) : IAsyncDisposable
{
    readonly ConcurrentDictionary<int, OwnedShard> _shards = new();
    readonly ConcurrentDictionary<int, (long Read, long All)> _loading = new();

    /// <summary>How many shards the whole system has, here and elsewhere.</summary>
    public int SystemCount => options.Shards;

    /// <summary>The shards that are open so far, in order.</summary>
    public IReadOnlyList<OwnedShard> Open => [.. _shards.Values.OrderBy(shard => shard.Number)];

    /// <exception cref="KeyNotFoundException">This process does not own the shard: the message came to the wrong queue.</exception>
    public OwnedShard this[int shard] => _shards.TryGetValue(shard, out var owned)
        ? owned
        : throw new KeyNotFoundException($"Shard {shard} is not open in this process; it owns {string.Join(", ", _shards.Keys.Order())}.");

    /// <summary>The shard is this process's, open or not.</summary>
    public bool Owns(int shard) => options.ShardsToOpen().Contains(shard);

    public bool TryGet(int shard, out OwnedShard? owned) => _shards.TryGetValue(shard, out owned);

    /// <summary>Opens all owned shards, which reads their rows into memory.</summary>
    /// <exception cref="ShardException">One cannot be opened; the message says what to do.</exception>
    public void OpenAll(CancellationToken cancellationToken)
    {
        ShardCountFile.Check(options.DataPath, options.Shards);
        foreach (var number in options.ShardsToOpen())
        {
            var shard = Shard.Open(
                new()
                {
                    Path = Path.Combine(options.DataPath, $"shard_{number}.sqlite3"),
                    Number = number,
                    LoadProgress = (read, all) => _loading[number] = (read, all),
                },
                cancellationToken);
            _loading.TryRemove(number, out _);
            _shards[number] = new(shard, logger);
        }
    }

    /// <summary>What is not open yet, each a sentence.</summary>
    public IEnumerable<string> Lacking()
    {
        foreach (var number in options.ShardsToOpen())
            if (!_shards.ContainsKey(number))
                yield return _loading.TryGetValue(number, out var loaded)
                    ? $"Shard {number} is loading: {loaded.Read} of {loaded.All} rows."
                    : $"Shard {number} is not open yet.";
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var number in _shards.Keys)
            if (_shards.TryRemove(number, out var shard))
                await shard.DisposeAsync();
    }
}
