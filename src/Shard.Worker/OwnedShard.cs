using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>A shard that this process owns, with its one writer.</summary>
public sealed class OwnedShard(Shard shard, ILogger logger) : IAsyncDisposable
{
    public int Number { get; } = shard.Stats.Number;

    public Shard Engine { get; } = shard;

    public ShardWriter Writer { get; } = new(shard, logger);

    /// <summary>Finishes the writes that wait, then closes the file.</summary>
    public async ValueTask DisposeAsync()
    {
        await Writer.DisposeAsync();
        Engine.Dispose();
    }
}
