using System.Collections.Concurrent;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>The routers and shards that have announced themselves since the load connected. Thread-safe.</summary>
public sealed class ClusterHeard
{
    /// <summary>Announcements come every 3 s; five of them missed are nobody.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    readonly ConcurrentDictionary<int, bool> _shards = new();
    readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    volatile RouterAnnounced? _router;
    volatile int _shardCount;

    public RouterAnnounced? Router => _router;

    /// <summary>0 before any shard was heard of.</summary>
    public int ShardCount => _shardCount;

    public void Note(RouterAnnounced router)
    {
        _router = router;
        CompleteIfAllHeard();
    }

    public void Note(ShardAnnounced shard)
    {
        _shardCount = shard.ShardCount;
        _shards[shard.Shard] = true;
        CompleteIfAllHeard();
    }

    /// <summary>Returns when a router and every shard have been heard of.</summary>
    /// <exception cref="CommandFailure">Somebody has not been, in time; the message says who and what to start.</exception>
    public async Task WaitAsync(CancellationToken cancellationToken)
    {
        try
        {
            await _complete.Task.WaitAsync(Patience, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw new CommandFailure(Lacking());
        }
    }

    void CompleteIfAllHeard()
    {
        if (_router is not null && _shardCount > 0 && _shards.Count >= _shardCount)
            _complete.TrySetResult();
    }

    string Lacking()
    {
        var waited = $"within {Patience.TotalSeconds:0} s";
        if (_shardCount == 0)
            return $"No shard worker and {(_router is null ? "no" : "one")} embedding and routing worker was heard of {waited}. Start them "
                + "on this broker and virtual host: dotnet run --project src/Shard.Worker, and src/Ingest.Worker.";
        if (_router is null)
            return $"No embedding and routing worker was heard of {waited}: nobody would take the rows. "
                + "Start one on this broker: dotnet run --project src/Ingest.Worker.";
        var missing = Enumerable.Range(0, _shardCount).Where(shard => !_shards.ContainsKey(shard));
        return $"Of {_shardCount} shards these were not heard of {waited}: {string.Join(", ", missing)}. Start the workers that own them.";
    }
}
