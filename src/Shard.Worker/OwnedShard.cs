using MassTransit;
using VectorDb.Engine;
using VectorDb.ShardWorker.Homes;
using VectorDb.ShardWorker.Replication;
using VectorDb.ShardWorker.Sketching;

namespace VectorDb.ShardWorker;

/// <summary>A shard that this process owns, or a replica of it, with its one writer.</summary>
public sealed class OwnedShard : IAsyncDisposable
{
    volatile OpenReplica? _replica;
    volatile IDirectoryWriter _directory;
    volatile HomeRule _homes;

    public OwnedShard(Shard shard, ILogger logger)
    {
        (Number, Engine, Writer) = (shard.Stats.Number, shard, new(shard, logger));
        Sketch = new(Number);
        _directory = new LocalDirectory(Writer);
        _homes = HomeRule.Read(shard);
    }

    public int Number { get; }

    public Shard Engine { get; }

    /// <summary>For rows: each replica gets them through a queue of its own.</summary>
    public ShardWriter Writer { get; }

    /// <summary>For claims, releases and documents: decided once for all replicas.</summary>
    public IDirectoryWriter Directory => _directory;

    /// <summary>What routers are told of the rows.</summary>
    public SketchKeeper Sketch { get; }

    /// <summary>Has what the others have: always so where shards have no replicas.</summary>
    public bool TakesPart => _replica is not { } replica || replica.Log.IsMember;

    /// <summary>Null where shards have no replicas.</summary>
    public OpenReplica? Replica => _replica;

    /// <summary>Which ids this shard decides for, as it was committed last.</summary>
    public HomeRule Homes => _homes;

    /// <summary>Decides by this rule from now on, whatever happens; by the one that it has where that is newer.</summary>
    public async Task AdoptAsync(HomeRule rule, CancellationToken cancellationToken)
    {
        if (_homes.IsBefore(rule))
            _homes = await Directory.ChangeAsync(
                transaction =>
                {
                    var before = HomeRule.Read(transaction);
                    if (!before.IsBefore(rule))
                        return before;
                    rule.Write(transaction);
                    return rule;
                },
                cancellationToken);
    }

    internal void Replicate(OpenReplica replica) => (_replica, _directory) = (replica, replica.Leader);

    /// <summary>
    /// After a message's rows are committed, before what follows. `isMoving`: older rows elsewhere are to be evicted then.
    /// </summary>
    public async ValueTask<Witness> CommittedAsync(ConsumeContext message, bool isMoving) => _replica is { } replica
        ? await replica.CommittedAsync(message.ReceiveContext, isMoving, message.CancellationToken)
        : default;

    /// <summary>"ready", or in words what the index is doing or what is wrong with it. Searches are right in any case.</summary>
    public static string IndexState(ShardStats stats)
    {
        var state = stats.IsIndexReady ? "ready" : $"linking: {stats.Linked} of {stats.Points} rows, the others are scanned";
        return stats.IndexProblem is { } problem ? $"{state}; {problem}" : state;
    }

    /// <summary>Finishes the writes that wait, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Engine.Dispose();
    }
}
