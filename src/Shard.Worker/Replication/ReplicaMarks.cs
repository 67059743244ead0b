using System.Collections.Concurrent;

namespace VectorDb.ShardWorker.Replication;

/// <summary>Marks on their way through a queue, and who waits for them. Thread-safe.</summary>
public sealed class ReplicaMarks
{
    readonly ConcurrentDictionary<Guid, TaskCompletionSource> _waiting = new();

    public Task AwaitAsync(Guid mark) =>
        _waiting.GetOrAdd(mark, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>One that nobody here waits for belongs to an earlier life, or to another replica.</summary>
    public void Passed(Guid mark)
    {
        if (_waiting.TryRemove(mark, out var waiting))
            waiting.TrySetResult();
    }
}
