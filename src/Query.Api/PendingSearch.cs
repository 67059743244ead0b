using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>One search under way: its question, the parts that have come, and the answer that somebody awaits. Thread-safe.</summary>
public sealed class PendingSearch(SearchQuestion question)
{
    readonly Lock _lock = new();
    readonly Dictionary<int, ShardAnswer> _parts = [];
    readonly TaskCompletionSource<SearchParts> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int[]? _asked;

    public SearchQuestion Question { get; } = question;

    /// <summary>Completes with the parts by the deadline, or fails with a <see cref="ProblemException"/>.</summary>
    public Task<SearchParts> Done => _done.Task;

    public bool IsDone => _done.Task.IsCompleted;

    /// <summary>A second part of the same shard is ignored.</summary>
    public void Take(int shard, ShardAnswer answer)
    {
        lock (_lock)
        {
            _asked ??= answer.Asked;
            _parts.TryAdd(shard, answer);
            if (_parts.Count >= _asked.Length)
                Finish();
        }
    }

    public void Reject(RejectedQuestion rejected) => Fail(rejected.IsCallersFault
        ? ProblemException.OutOfRange(rejected.Reason)
        : ProblemException.Unavailable(rejected.Reason));

    public void Fail(Exception failure) => _done.TrySetException(failure);

    /// <summary>The deadline has passed: answers with what is there.</summary>
    public void Expire()
    {
        lock (_lock)
        {
            if (_asked is null)
                Fail(ProblemException.Unavailable(
                    "No shard answered before the deadline. See GET / for which are missing; try again."));
            else
                Finish();
        }
    }

    void Finish()
    {
        var answered = _parts.Where(part => part.Value.Failure is null).Select(part => (part.Key, part.Value)).ToList();
        if (answered.Count == 0 && _parts.Count > 0)
            Fail(ProblemException.Unavailable("Every shard that was asked failed: " + _parts.Values.First().Failure));
        else
            _done.TrySetResult(new(_asked!, answered));
    }
}

/// <summary>What came back for one search.</summary>
/// <param name="Asked">The shards that were asked.</param>
/// <param name="Parts">The answers of those that could.</param>
public sealed record SearchParts(int[] Asked, IReadOnlyList<(int Shard, ShardAnswer Answer)> Parts)
{
    public bool IsPartial => Parts.Count < Asked.Length;
}
