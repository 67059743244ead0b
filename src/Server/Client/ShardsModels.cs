namespace VectorDb.Server.Client;

/// <summary>Answer of <c>GET /shards</c>.</summary>
public sealed record ShardsStatus
{
    public int Count { get; init; }

    /// <summary>Null when nothing is being changed.</summary>
    public ShardsChangeStatus? Change { get; init; }

    public BalanceStatus? Balance { get; init; }

    public string? Advice { get; init; }

    public IReadOnlyList<ShardShare> Shards { get; init; } = [];
}

/// <summary>A change of the number of shards that is under way.</summary>
public sealed record ShardsChangeStatus
{
    public int From { get; init; }

    public int To { get; init; }

    public string Step { get; init; } = "";

    public IReadOnlyList<int> WaitingFor { get; init; } = [];

    public long ToCheck { get; init; }

    public string? Problem { get; init; }
}

/// <param name="LargestShard">The shard that holds most.</param>
/// <param name="TimesMean">How much more that is than the mean.</param>
public sealed record BalanceStatus(int LargestShard, double TimesMean);

/// <summary>One shard; counts are null while it is missing.</summary>
public sealed record ShardShare
{
    public int Shard { get; init; }

    public string Health { get; init; } = "";

    public long? Points { get; init; }

    public long? DirectoryEntries { get; init; }

    public string? Url { get; init; }
}
