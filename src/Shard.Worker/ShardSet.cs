using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker;

/// <summary>The shards that this process owns. Thread-safe.</summary>
public sealed class ShardSet(VectorDbOptions options, ILogger<ShardSet> logger) : IAsyncDisposable
{
    /// <summary>Vectors of all shards that wait to be linked while nobody searches: 80,000 of 384 numbers.</summary>
    const long BacklogBytes = 128L << 20;

    readonly ConcurrentDictionary<int, OwnedShard> _shards = new();
    readonly ConcurrentDictionary<int, (long Read, long All)> _loading = new();

    volatile IReadOnlyList<int> _owned = options.ShardsToOpen();
    volatile int _learned;

    /// <summary>Tells this process from others that own shards.</summary>
    public Guid Worker { get; } = Guid.NewGuid();

    /// <summary>How many shards the whole system has, here and elsewhere.</summary>
    public int SystemCount => _learned > 0 ? _learned : options.Shards;

    /// <summary>The number comes from the collection's keeper, not from settings.</summary>
    public bool IsCountLearned => _learned > 0;

    /// <summary>This process owns all shards, however many there are.</summary>
    public bool IsElastic => options.Transport == TransportKind.InMemory && string.IsNullOrWhiteSpace(options.OwnedShards);

    /// <summary>Each shard has several replicas, of which this process may own one.</summary>
    public bool HasReplicas => options.Replicas > 1;

    /// <summary>The shards that are open so far, in order.</summary>
    public IReadOnlyList<OwnedShard> Open => [.. _shards.Values.OrderBy(shard => shard.Number)];

    /// <exception cref="KeyNotFoundException">This process does not own the shard: the message came to the wrong queue.</exception>
    public OwnedShard this[int shard] => _shards.TryGetValue(shard, out var owned)
        ? owned
        : throw new KeyNotFoundException($"Shard {shard} is not open in this process; it owns {string.Join(", ", _shards.Keys.Order())}.");

    /// <summary>The shard is this process's, open or not.</summary>
    public bool Owns(int shard) => _owned.Contains(shard);

    public bool TryGet(int shard, out OwnedShard? owned) => _shards.TryGetValue(shard, out owned);

    /// <summary>Opens all owned shards, which reads their rows into memory.</summary>
    /// <exception cref="ShardException">One cannot be opened; the message says what to do.</exception>
    public void OpenAll(CancellationToken cancellationToken)
    {
        ShardCountFile.Check(options.DataPath, options.Shards);
        if (_owned.Contains(ShardAddress.KeeperShard) && !_shards.ContainsKey(ShardAddress.KeeperShard))
        {
            // The keeper knows better than settings how many there are.
            var keeper = OpenAlone(ShardAddress.KeeperShard, cancellationToken);
            if (CollectionDocument.Read(keeper.Engine, CollectionShape.DefaultName) is { } state)
            {
                Learn(state);
                DeleteLeft(cancellationToken);
            }
        }
        foreach (var number in _owned.Where(number => !_shards.ContainsKey(number)))
            OpenAlone(number, cancellationToken);
    }

    /// <summary>Notes how many shards there are: where this process owns all, it owns them from now on.</summary>
    public void Learn(CollectionState state)
    {
        _learned = state.ShardCount;
        if (IsElastic)
            _owned = [.. Enumerable.Range(0, ShardNumbers.Open(state))];
    }

    /// <summary>Opens a shard that has no replicas and adds it to the set.</summary>
    internal OwnedShard OpenAlone(int number, CancellationToken cancellationToken)
    {
        var shard = OpenFile(number, cancellationToken);
        if (ReplicaFile.IsIn(shard))
        {
            shard.Dispose();
            throw new DataFolderException(
                $"Shard {number} in {Path.GetFullPath(options.DataPath)} is one of several replicas, and what is written to it alone "
                + "the others would never get. Start with VectorDb__Replicas as before (docs/operations.md, replicas).");
        }
        return Add(shard);
    }

    /// <summary>Opens or makes a shard's file, which reads its rows into memory, without adding it to the set.</summary>
    internal Shard OpenFile(int number, CancellationToken cancellationToken)
    {
        var shard = Shard.Open(
            new()
            {
                Path = PathOf(number),
                Number = number,
                CompactIndex = options.CompactIndex,
                BacklogBytes = BacklogBytes / Math.Max(1, _owned.Count),
                LoadProgress = (read, all) => _loading[number] = (read, all),
            },
            cancellationToken);
        _loading.TryRemove(number, out _);
        return shard;
    }

    internal OwnedShard Add(Shard shard) => _shards[shard.Stats.Number] = new(shard, logger);

    /// <summary>Closes a shard; false where it is not open.</summary>
    internal async Task<bool> RemoveAsync(int number)
    {
        if (!_shards.TryRemove(number, out var shard))
            return false;
        await shard.DisposeAsync();
        return true;
    }

    /// <summary>Deletes a closed shard's file with its logs and its index.</summary>
    internal void DeleteFile(int number)
    {
        var path = PathOf(number);
        foreach (var file in Directory.EnumerateFiles(Path.GetDirectoryName(path)!, Path.GetFileNameWithoutExtension(path) + ".*"))
            if (!file.EndsWith(".lock", StringComparison.Ordinal))
                File.Delete(file);
    }

    /// <summary>Nothing that anybody could miss.</summary>
    internal static bool IsEmpty(ShardStats shard) => shard is { Points: 0, DirectoryEntries: 0, Quarantined: 0 };

    /// <summary>Shards that had left when the process was stopped, and whose files were not deleted any more.</summary>
    void DeleteLeft(CancellationToken cancellationToken)
    {
        for (var number = _owned.Count; IsElastic && File.Exists(PathOf(number)); number++)
        {
            bool isEmpty;
            using (var shard = OpenFile(number, cancellationToken))
                isEmpty = IsEmpty(shard.Stats);
            if (isEmpty)
                DeleteFile(number);
            else
                logger.LogWarning("{File} is none of the {Count} shards and not empty; it is left alone", PathOf(number), _owned.Count);
        }
    }

    string PathOf(int number) => Path.Combine(Path.GetFullPath(options.DataPath), $"shard_{number}.sqlite3");

    /// <summary>What is not open yet, each a sentence.</summary>
    public IEnumerable<string> Lacking()
    {
        foreach (var number in _owned)
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
