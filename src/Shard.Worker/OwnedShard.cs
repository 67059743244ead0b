using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>A shard that this process owns, with its one writer.</summary>
public sealed class OwnedShard(Shard shard, ILogger logger) : IAsyncDisposable
{
    public int Number { get; } = shard.Stats.Number;

    public Shard Engine { get; } = shard;

    public ShardWriter Writer { get; } = new(shard, logger);

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
