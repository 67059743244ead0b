using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>
/// One write under way. A point is done when its shard has committed it and every shard that held an older row has evicted that;
/// the messages that say so arrive in any order. Thread-safe.
/// </summary>
public sealed class PendingWrite
{
    readonly Lock _lock = new();
    readonly PointFate[] _fates;
    readonly TaskCompletionSource<IReadOnlyList<PointFate>> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _open;

    public PendingWrite(int pointCount)
    {
        _fates = new PointFate[pointCount];
        for (var i = 0; i < pointCount; i++)
            _fates[i] = new PointFate();
        _open = pointCount;
    }

    public int Count => _fates.Length;

    /// <summary>Points whose fate is not known yet.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Completes with one fate a point, in ordinal order.</summary>
    public Task<IReadOnlyList<PointFate>> Done => _done.Task;

    public void Stored(int ordinal, int shard, long version, int[] evicting) =>
        Update(ordinal, fate => fate.Answered(shard, version, evicting));

    public void Deleted(int ordinal, int home, DeletedPoint point) => Update(ordinal, fate =>
    {
        fate.Existed = point.Existed;
        fate.Answered(home, point.Version, point.Evicting);
    });

    public void Evicted(int ordinal, int shard) => Update(ordinal, fate => fate.Evicted(shard));

    public void Rejected(int ordinal, string reason) => Update(ordinal, fate => fate.Reason ??= reason);

    void Update(int ordinal, Action<PointFate> change)
    {
        lock (_lock)
        {
            if (ordinal < 0 || ordinal >= _fates.Length || _fates[ordinal].IsDone)
                return;
            change(_fates[ordinal]);
            if (_fates[ordinal].IsDone && --_open == 0)
                _done.TrySetResult(_fates);
        }
    }
}

/// <summary>What became of one point of a write.</summary>
public sealed class PointFate
{
    HashSet<int>? _evicting;
    HashSet<int>? _evicted;

    public int Shard { get; private set; }

    public long? Version { get; private set; }

    /// <summary>For deletes: there was something to delete.</summary>
    public bool Existed { get; internal set; } = true;

    /// <summary>Why it was refused; null if it was not.</summary>
    public string? Reason { get; internal set; }

    /// <summary>Refused, or on disk with every older row gone.</summary>
    public bool IsDone => Reason is not null
        || (Version is not null && (_evicting is null || (_evicted is not null && _evicting.IsSubsetOf(_evicted))));

    internal void Answered(int shard, long version, int[] evicting)
    {
        (Shard, Version) = (shard, version);
        _evicting = evicting.Length == 0 ? null : [.. evicting];
    }

    internal void Evicted(int shard) => (_evicted ??= []).Add(shard);
}
