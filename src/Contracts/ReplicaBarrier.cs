namespace VectorDb.Contracts;

/// <summary>
/// Asks one replica of a shard to answer when it has committed every row that was sent to the shard before. Sent by replicas (one of them
/// to itself) to the shard's write exchange, so that it stands behind those rows; the others ignore it. Answered with
/// <see cref="BarrierPassed"/>. Arriving twice: answered twice.
/// </summary>
public sealed record PassBarrier
{
    public required int Shard { get; init; }

    /// <summary>Where only the sending matters: no replica answers.</summary>
    public const int Nobody = -1;

    /// <summary>The replica that is asked.</summary>
    public required int Replica { get; init; }

    /// <summary>Tells a replica's own barriers apart.</summary>
    public Guid Mark { get; init; }
}

/// <summary>The replica has committed what stood before the <see cref="PassBarrier"/>. Arriving twice: it only says so again.</summary>
public sealed record BarrierPassed
{
    public required int Replica { get; init; }
}

/// <summary>
/// A mark in a shard's log for the replica that sent it: when it arrives, that replica has applied everything logged before. The others
/// ignore it. Arriving twice: ignored.
/// </summary>
public sealed record LogBarrier
{
    public required int Shard { get; init; }

    public required Guid Mark { get; init; }
}

/// <summary>
/// A replica has caught up and asks to take part. Sent by it to the shard's directory queue, whose leader answers with
/// <see cref="ReplicaJoined"/> once every member has noted it. Arriving twice: answered again.
/// </summary>
public sealed record JoinReplica
{
    public required int Shard { get; init; }

    public required int Replica { get; init; }
}

/// <summary>From here on every write waits for the replica too. Arriving twice: nothing changes.</summary>
public sealed record ReplicaJoined
{
    public required ReplicaMembers Members { get; init; }
}
