namespace VectorDb.Cluster.Tests.Processes;

/// <summary>How many of which programs a test wants.</summary>
public sealed record ClusterLayout
{
    public int Apis { get; init; } = 2;

    public int Routers { get; init; } = 2;

    /// <summary>For each shard worker its shards, as `VectorDb__OwnedShards` takes them; together <see cref="Shards"/>.</summary>
    public IReadOnlyList<string> Workers { get; init; } = ["0,1", "2,3"];

    /// <summary>Shards that have a worker. The system has <see cref="Ledger.Shards"/> of them until somebody changes that.</summary>
    public int Shards { get; init; } = Ledger.Shards;

    /// <summary>How many of each shard worker.</summary>
    public int Replicas { get; init; } = 1;
}
