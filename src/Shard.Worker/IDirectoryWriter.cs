using VectorDb.Engine;

namespace VectorDb.ShardWorker;

/// <summary>Changes a home's directory and documents: here only, or in all replicas of the shard. Thread-safe.</summary>
public interface IDirectoryWriter
{
    /// <summary>
    /// Completes with what `change` returned when the change is on disk wherever it must be. `change` may be run more than once and must
    /// do nothing but change the shard.
    /// </summary>
    Task<T> ChangeAsync<T>(Func<ShardTransaction, T> change, CancellationToken cancellationToken);
}

/// <summary>A shard without replicas: its own writer.</summary>
public sealed class LocalDirectory(ShardWriter writer) : IDirectoryWriter
{
    public Task<T> ChangeAsync<T>(Func<ShardTransaction, T> change, CancellationToken cancellationToken) =>
        writer.WriteAsync(change, cancellationToken);
}
