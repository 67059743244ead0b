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

    /// <summary>`roster`: shared by all writes; without one, shards have one replica each.</summary>
    public PendingWrite(int pointCount, ReplicaRoster? roster = null)
    {
        roster ??= new();
        _fates = new PointFate[pointCount];
        for (var i = 0; i < pointCount; i++)
            _fates[i] = new PointFate(roster);
        _open = pointCount;
    }

    public int Count => _fates.Length;

    /// <summary>Points whose fate is not known yet.</summary>
    public int Open => Volatile.Read(ref _open);

    /// <summary>Completes with one fate a point, in ordinal order.</summary>
    public Task<IReadOnlyList<PointFate>> Done => _done.Task;

    public void Stored(int ordinal, int shard, long version, int[] evicting, int replica = 0) =>
        Update(ordinal, fate => fate.Stored(shard, version, evicting, replica));

    public void Deleted(int ordinal, int home, DeletedPoint point) => Update(ordinal, fate => fate.Deleted(home, point));

    public void Evicted(int ordinal, int shard, int replica = 0) => Update(ordinal, fate => fate.Evicted(shard, replica));

    /// <summary>The members of some shard have changed: what was not enough may be so now.</summary>
    public void LookAgain()
    {
        for (var ordinal = 0; ordinal < _fates.Length; ordinal++)
            Update(ordinal, _ => { });
    }

    public void Rejected(int ordinal, string reason) => Update(ordinal, fate => fate.Reason ??= reason);

    void Update(int ordinal, Action<PointFate> change)
    {
        lock (_lock)
        {
            if (ordinal < 0 || ordinal >= _fates.Length || _fates[ordinal].IsDone)
                return;
            change(_fates[ordinal]);
            if (_fates[ordinal].Settle() && --_open == 0)
                _done.TrySetResult(_fates);
        }
    }
}

/// <summary>What became of one point of a write.</summary>
public sealed class PointFate(ReplicaRoster roster)
{
    /// <summary>Shards that must evict, each with the replicas that have (a bit each).</summary>
    Dictionary<int, uint>? _evicted;
    int[] _evicting = [];
    uint _stored;
    bool _isDelete;

    public int Shard { get; private set; }

    public long? Version { get; private set; }

    /// <summary>For deletes: there was something to delete.</summary>
    public bool Existed { get; private set; } = true;

    /// <summary>Why it was refused; null if it was not.</summary>
    public string? Reason { get; internal set; }

    /// <summary>Refused, or on disk with every older row gone. Once done it stays so.</summary>
    public bool IsDone { get; private set; }

    internal void Stored(int shard, long version, int[] evicting, int replica)
    {
        (Shard, Version, _evicting) = (shard, version, evicting);
        _stored |= 1u << replica;
    }

    /// <summary>The home answers once, for all its replicas.</summary>
    internal void Deleted(int home, DeletedPoint point)
    {
        (Shard, Version, _evicting, Existed) = (home, point.Version, point.Evicting, point.Existed);
        _isDelete = true;
    }

    internal void Evicted(int shard, int replica)
    {
        _evicted ??= [];
        _evicted[shard] = _evicted.GetValueOrDefault(shard) | 1u << replica;
    }

    /// <summary>Decides whether it is done now.</summary>
    internal bool Settle() => IsDone = Reason is not null
        || (Version is not null
            && (_isDelete || roster.IsEnough(Shard, _stored))
            && _evicting.All(shard => roster.IsEnough(shard, _evicted?.GetValueOrDefault(shard) ?? 0)));
}
