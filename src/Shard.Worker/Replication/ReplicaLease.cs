namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// The right to answer: lasts from one announcement to a while after it, and once lapsed never comes back, since others may by then have
/// acknowledged writes without this replica. Thread-safe.
/// </summary>
public sealed class ReplicaLease(TimeProvider clock)
{
    /// <summary>
    /// A second less than the others wait (<see cref="ReplicaPeers"/>: seven announcements are six intervals of a second), so that it has
    /// lapsed before they go on.
    /// </summary>
    static readonly TimeSpan Time = TimeSpan.FromSeconds(5);

    readonly Lock _lock = new();
    long? _since;
    bool _hasLapsed;

    /// <summary>`since`: when the announcement was begun that has now been confirmed.</summary>
    public void Renew(long since)
    {
        lock (_lock)
        {
            _hasLapsed |= _since is { } before && clock.GetElapsedTime(before) >= Time;
            _since = Math.Max(since, _since ?? since);
        }
    }

    public bool Holds
    {
        get
        {
            lock (_lock)
                return !_hasLapsed && _since is { } since && clock.GetElapsedTime(since) < Time;
        }
    }
}
