namespace VectorDb.Contracts;

/// <summary>
/// The replicas of a shard that take part: a write counts as stored when all of them have it, and only they answer searches. Decided by
/// the shard's leader in its log, so every set of members has a place in an order; the latest counts.
/// </summary>
public sealed record ReplicaMembers
{
    /// <summary>The change of the log that made them members.</summary>
    public required LogPosition Since { get; init; }

    /// <summary>Ascending.</summary>
    public required int[] Replicas { get; init; }
}

/// <summary>Where a replica stands in its shard's log: the last change that it has applied.</summary>
public sealed record LogPosition
{
    /// <summary>One more with each change of leader.</summary>
    public long Term { get; init; }

    /// <summary>One more with each change.</summary>
    public long Sequence { get; init; }
}

/// <summary>The order of positions: by term, then by sequence.</summary>
public static class LogOrder
{
    public static bool IsAtLeast(this LogPosition position, LogPosition other) =>
        position.Term > other.Term || (position.Term == other.Term && position.Sequence >= other.Sequence);

    public static bool IsAfter(this LogPosition position, LogPosition other) => !other.IsAtLeast(position);
}

/// <summary>How far a replica is, in the words of `GET /`.</summary>
public static class ReplicaStates
{
    /// <summary>Has no copy, or one that may lack messages: waits for a replica to copy from.</summary>
    public const string Waiting = "waiting";

    public const string Copying = "copying";

    /// <summary>Has a copy and takes in what was written while it was away.</summary>
    public const string CatchingUp = "catching up";

    /// <summary>Has caught up but for the last messages: writes wait for it from now on.</summary>
    public const string Joining = "joining";

    public const string InSync = "in sync";
}
