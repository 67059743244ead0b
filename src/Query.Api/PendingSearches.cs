using System.Collections.Concurrent;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>
/// The searches that wait for shards, by the request id of the message in which they travel. A search is complete when every
/// shard that was asked has answered, or its deadline has passed: it never waits longer. Thread-safe.
/// </summary>
public sealed class PendingSearches(TimeProvider clock) : BackgroundService
{
    /// <summary>How exactly deadlines are kept: far below any deadline, and no work when nothing is pending.</summary>
    static readonly TimeSpan SweepEvery = TimeSpan.FromMilliseconds(50);

    readonly ConcurrentDictionary<Guid, Batch> _batches = new();

    sealed record Batch(IReadOnlyList<PendingSearch> Searches, long Start, TimeSpan Deadline)
    {
        public TaskCompletionSource Over { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    /// <summary>Messages under way.</summary>
    public int Count => _batches.Count;

    /// <summary>
    /// `searches[i]` is the question of index i of the message with this request id. Completes when all are over, whatever became
    /// of them.
    /// </summary>
    public Task Add(Guid requestId, IReadOnlyList<PendingSearch> searches, TimeSpan deadline)
    {
        var batch = new Batch(searches, clock.GetTimestamp(), deadline);
        _batches[requestId] = batch;
        return batch.Over.Task;
    }

    /// <summary>Ends all searches of a message that could not be sent.</summary>
    public void Fail(Guid requestId, Exception failure)
    {
        if (!_batches.TryRemove(requestId, out var batch))
            return;
        foreach (var search in batch.Searches)
            search.Fail(failure);
        batch.Over.TrySetResult();
    }

    public void Take(Guid requestId, ShardSearched part)
    {
        if (!_batches.TryGetValue(requestId, out var batch))
            return;
        Take(batch, part.Shard, part.Answers);
        foreach (var other in part.Also)
            Take(batch, other.Shard, other.Answers);
        ForgetWhenDone(requestId, batch);
    }

    static void Take(Batch batch, int shard, IReadOnlyList<ShardAnswer> answers)
    {
        foreach (var answer in answers)
            if (answer.Index >= 0 && answer.Index < batch.Searches.Count)
                batch.Searches[answer.Index].Take(shard, answer);
    }

    public void Take(Guid requestId, SearchRejected rejected)
    {
        if (!_batches.TryGetValue(requestId, out var batch))
            return;
        foreach (var question in rejected.Questions)
            if (question.Index >= 0 && question.Index < batch.Searches.Count)
                batch.Searches[question.Index].Reject(question);
        ForgetWhenDone(requestId, batch);
    }

    void ForgetWhenDone(Guid requestId, Batch batch)
    {
        if (!batch.Searches.All(search => search.IsDone))
            return;
        _batches.TryRemove(requestId, out _);
        batch.Over.TrySetResult();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(SweepEvery, clock);
        while (await timer.WaitForNextTickAsync(stoppingToken))
            foreach (var (requestId, batch) in _batches)
                if (clock.GetElapsedTime(batch.Start) > batch.Deadline && _batches.TryRemove(requestId, out _))
                    Expire(batch);
    }

    static void Expire(Batch batch)
    {
        foreach (var search in batch.Searches)
            search.Expire();
        batch.Over.TrySetResult();
    }
}
