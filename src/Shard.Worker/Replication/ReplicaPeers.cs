using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// What one replica has heard of the others of its shard. Silence is counted in this replica's own announcements, which come back through
/// the same queue as everybody's: whoever was stopped for a while finds both late, and takes nobody for silent. Thread-safe.
/// </summary>
public sealed class ReplicaPeers(int self)
{
    /// <summary>
    /// Own announcements, a second and more apart, without one of another: it has stopped answering by then, see
    /// <see cref="ReplicaLease"/>.
    /// </summary>
    const int SilentAfter = 7;

    readonly Lock _lock = new();
    readonly Dictionary<int, ShardAnnounced> _announced = [];
    readonly Dictionary<int, int> _announcedAt = [];
    readonly Dictionary<int, int> _takingPartAt = [];
    int _own;

    /// <summary>`life`: this replica's present one.</summary>
    public void Note(ShardAnnounced announced, Guid life)
    {
        lock (_lock)
        {
            if (announced.Replica == self)
            {
                if (announced.Life == life)
                    _own++;
                return;
            }
            (_announced[announced.Replica], _announcedAt[announced.Replica]) = (announced, _own);
            if (announced.State is ReplicaStates.InSync or ReplicaStates.Joining)
                _takingPartAt[announced.Replica] = _own;
        }
    }

    /// <summary>It has just joined.</summary>
    public void Hear(int replica)
    {
        lock (_lock)
            _takingPartAt[replica] = _own;
    }

    /// <summary>Has not said for long that it takes part.</summary>
    public bool IsSilent(int replica)
    {
        lock (_lock)
            return _own - _takingPartAt.GetValueOrDefault(replica) >= SilentAfter;
    }

    /// <summary>Has not said anything for long.</summary>
    public bool IsGone(int replica)
    {
        lock (_lock)
            return _own - _announcedAt.GetValueOrDefault(replica) >= SilentAfter;
    }

    /// <summary>The last announcement of each other replica that is not old.</summary>
    public IReadOnlyList<ShardAnnounced> Present
    {
        get
        {
            lock (_lock)
                return [.. _announced.Values.Where(peer => _own - _announcedAt[peer.Replica] < SilentAfter)];
        }
    }
}
