namespace VectorDb.Contracts;

/// <summary>
/// A change of the number of shards that is under way (docs/decisions/0075). Kept by the keeper in the collection's state: each step
/// begins when every shard of both numbers has reported the one before.
/// </summary>
public sealed record ShardChange
{
    /// <summary>Later changes have higher numbers.</summary>
    public required long Number { get; init; }

    public required int From { get; init; }

    public required int To { get; init; }

    /// <summary>One of <see cref="ShardChangeSteps"/>.</summary>
    public required int Step { get; init; }

    /// <summary>The shards that have reported this step.</summary>
    public int[] Done { get; init; } = [];

    /// <summary>The centroids for the new number, as in <see cref="CollectionState"/>; empty where points stay at their home.</summary>
    public int[] CentroidShards { get; init; } = [];

    public byte[] Centroids { get; init; } = [];

    public float[] CentroidOffsets { get; init; } = [];

    public long? TrainedPoints { get; init; }
}

/// <summary>The steps of a change, in order.</summary>
public static class ShardChangeSteps
{
    /// <summary>Homes that change give no versions; old ones copy what they know to the new ones.</summary>
    public const int HandingOver = 1;

    /// <summary>All is copied: old homes pass on whatever they are asked.</summary>
    public const int PassingOn = 2;

    /// <summary>The new number holds; rows move, old copies and leaving shards are emptied.</summary>
    public const int Moving = 3;
}

/// <summary>How many shards there are while the number changes.</summary>
public static class ShardNumbers
{
    /// <summary>Shards 0 to this that may hold rows or know of operations.</summary>
    public static int InUse(CollectionState state) => Math.Max(state.ShardCount, state.Change?.From ?? 0);

    /// <summary>Shards 0 to this that must be open: also those that are to be.</summary>
    public static int Open(CollectionState state) => Math.Max(InUse(state), state.Change?.To ?? 0);
}

/// <summary>
/// Begins a change of the number of shards. Sent by Query.Api to the keeper's directory queue; answered with
/// <see cref="ShardCountChanging"/> or a refusal. Arriving twice: the second is refused, as a change is under way.
/// </summary>
public sealed record ChangeShardCount
{
    public string Name { get; init; } = CollectionShape.DefaultName;

    public required int Count { get; init; }

    /// <summary>Centroids trained for that number; empty to leave points at their home.</summary>
    public int[] CentroidShards { get; init; } = [];

    public byte[] Centroids { get; init; } = [];

    public float[] CentroidOffsets { get; init; } = [];

    public long? TrainedPoints { get; init; }
}

/// <summary>Why a number of shards cannot be changed to another now.</summary>
public static class ShardCountChecks
{
    /// <summary>A sentence with what to do; null if it can.</summary>
    public static string? Problem(CollectionState state, int count) => state switch
    {
        { Change: { } change } => $"The number of shards is being changed from {change.From} to {change.To}: wait until GET /shards shows "
            + "it done (vectordb shards list).",
        { Previous.Count: > 0 } => "Points are still being moved after the last change of centroids: wait until GET / shows no running "
            + "migration, then try again.",
        _ when count == state.ShardCount => $"There are {count} shards already.",
        _ => null,
    };
}

/// <summary>The collection with its change under way.</summary>
public sealed record ShardCountChanging
{
    public required CollectionState State { get; init; }
}

/// <summary>
/// A shard has done its part of a step. Sent by it to the keeper's directory queue. Arriving twice, or after the next step began:
/// nothing happens.
/// </summary>
public sealed record ChangeStepFinished
{
    public string Name { get; init; } = CollectionShape.DefaultName;

    public required int Shard { get; init; }

    /// <summary><see cref="ShardChange.Number"/>.</summary>
    public required long Change { get; init; }

    public required int Step { get; init; }
}
