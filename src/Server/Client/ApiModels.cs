using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.Server.Client;

/// <summary>Answer of <c>GET /</c>.</summary>
public sealed record ServerStatus
{
    public string Name { get; init; } = "";

    public string Version { get; init; } = "";

    public bool Ready { get; init; }

    public string Health { get; init; } = "";

    public string? Transport { get; init; }

    public ModelStatus? Model { get; init; }

    public CollectionStatus? Collection { get; init; }

    public long Points { get; init; }

    /// <summary>The change of the number of shards that is under way; null when there is none.</summary>
    public ShardsChangeStatus? Change { get; init; }

    /// <summary>Vectors of each shard by its number; null or empty before training.</summary>
    public JsonElement? Centroids { get; init; }

    /// <summary>Points on their way after a change of centroids; null where there was none.</summary>
    public MigrationState? Migration { get; init; }

    /// <summary>What would make searches better, each a sentence.</summary>
    public IReadOnlyList<string> Advice { get; init; } = [];

    public IReadOnlyList<ShardStatus> Shards { get; init; } = [];

    public bool HasCentroids => Centroids switch
    {
        { ValueKind: JsonValueKind.Object } centroids => centroids.EnumerateObject().Any(),
        { ValueKind: JsonValueKind.Array } centroids => centroids.GetArrayLength() > 0,
        _ => false,
    };
}

/// <param name="Name">Name of the model's folder.</param>
/// <param name="Dimensions">Length of its vectors.</param>
/// <param name="MaxTokens">How many tokens of a text it reads.</param>
public sealed record ModelStatus(string Name, int Dimensions, int MaxTokens);

/// <param name="Name">Name of the collection.</param>
/// <param name="Dimensions">Length of its vectors.</param>
/// <param name="Metric">How vectors are compared.</param>
/// <param name="Model">Name of the model that embeds its texts, if any.</param>
/// <param name="Epoch">Number of the set of centroids, 0 before the first.</param>
public sealed record CollectionStatus(string Name, int Dimensions, string Metric, string? Model, long Epoch);

/// <param name="Running">Points are being looked at and moved.</param>
/// <param name="Moved">Points moved so far.</param>
/// <param name="ToCheck">Points not looked at yet.</param>
public sealed record MigrationState(bool Running, long Moved, long ToCheck);

/// <summary>One shard in the status.</summary>
public sealed record ShardStatus
{
    public int Shard { get; init; }

    public string? Url { get; init; }

    public string Health { get; init; } = "";

    public long Points { get; init; }

    public long DirectoryEntries { get; init; }

    public long Tombstones { get; init; }

    public long Quarantined { get; init; }

    public long IndexBytes { get; init; }

    public long FileBytes { get; init; }

    /// <summary>"ready", or what the index is doing.</summary>
    public string? Index { get; init; }
}

/// <summary>What to ask of <c>POST /search</c>.</summary>
public sealed record SearchInput
{
    public string? Text { get; init; }

    public float[]? QueryVector { get; init; }

    public int TopK { get; init; } = 5;

    /// <summary>A number of shards, "all" or "auto".</summary>
    public required object ShardsToSearch { get; init; }

    public bool WithPayload { get; init; } = true;

    /// <summary>Compare with every vector of the shards that are asked.</summary>
    public bool Exact { get; init; }
}

/// <summary>Answer of <c>POST /search</c>.</summary>
public sealed record SearchAnswer
{
    public IReadOnlyList<PointAnswer> Results { get; init; } = [];

    public ShardsAsked? Shards { get; init; }

    /// <summary>True when a shard did not answer in time.</summary>
    public bool Partial { get; init; }

    public double TookMs { get; init; }
}

/// <param name="Asked">How many shards the search went to.</param>
/// <param name="Answered">How many answered in time.</param>
public sealed record ShardsAsked(int Asked, int Answered);

/// <summary>A point in an answer: with a score when it was searched for, with a vector when it was asked for.</summary>
public sealed record PointAnswer
{
    public PointId Id { get; init; }

    public float? Score { get; init; }

    public int Shard { get; init; }

    public long Version { get; init; }

    public string? Text { get; init; }

    public JsonElement? Payload { get; init; }

    public float[]? Vector { get; init; }
}

/// <summary>Answer of <c>POST /train</c>.</summary>
public sealed record TrainAnswer
{
    public long Epoch { get; init; }

    public long TrainedFrom { get; init; }

    public int Shards { get; init; }
}

/// <summary>Answer of a shard's <c>GET /list_ids</c>.</summary>
/// <param name="Ids">In their order.</param>
/// <param name="Next">Where the next page begins, or null on the last.</param>
public sealed record IdPage(IReadOnlyList<PointId> Ids, string? Next);
