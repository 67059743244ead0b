using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>`GET /`: what runs here, what it holds, how it is.</summary>
public static class StatusEndpoints
{
    static readonly string Version = typeof(StatusEndpoints).Assembly.GetName().Version?.ToString(3) ?? "0";

    public static void MapStatus(this IEndpointRouteBuilder app) =>
        app.MapGet("/", StatusAsync).WithName("Status").WithTags("Status")
            .WithSummary("Name, version, collection, centroids per shard, shard addresses, counts, health.");

    static async Task<Ok<StatusAnswer>> StatusAsync(
        ClusterView view, ShardSurvey survey, VectorDbOptions options, CancellationToken cancellationToken,
        bool with_centroids = true)
    {
        var described = await survey.AskAllAsync(cancellationToken);
        var lacking = view.Lacking().ToList();
        return TypedResults.Ok(new StatusAnswer
        {
            Version = Version,
            Ready = lacking.Count == 0,
            Health = Health(described, lacking, view),
            Lacking = lacking.Count == 0 ? null : lacking,
            Transport = options.Transport.ToString(),
            Model = view.Router is { } router ? new(router.Model, router.Dimensions, router.MaxTokens) : null,
            Collection = view.Collection is { } state ? CollectionAnswer.From(state) : null,
            Points = described.Sum(shard => shard?.Points ?? 0),
            Centroids = with_centroids && view.Collection is { Epoch: > 0 } placed ? CentroidsOf(placed) : null,
            Migration = MigrationOf(view.Collection, described),
            Advice = AdviceFor(view.Collection, described),
            Change = ShardChangeAnswer.Of(view.Collection, described),
            Shards = [.. described.Select((shard, number) => ShardAnswerOf(number, shard, view))],
        });
    }

    static MigrationStatus? MigrationOf(CollectionState? state, ShardDescribed?[] described)
    {
        var left = described.Sum(shard => shard?.RowsToCheck ?? 0);
        var moved = described.Sum(shard => shard?.RowsMoved ?? 0);
        var isRunning = state is { Previous.Count: > 0 } || left > 0;
        return isRunning || moved > 0 ? new(isRunning, state?.Epoch ?? 0, moved, left) : null;
    }

    static IReadOnlyList<string>? AdviceFor(CollectionState? state, ShardDescribed?[] described) =>
        state is not null && PlacementAdvice.For(state, described) is { Count: > 0 } advice ? advice : null;

    static string Health(ShardDescribed?[] described, List<string> lacking, ClusterView view)
    {
        if (lacking.Count == 0)
            return described.All(shard => shard is { Quarantined: 0 }) && HasAllReplicas(view) ? "ready" : "degraded";
        return described.Any(shard => shard is not null) ? "degraded" : "starting";
    }

    static bool HasAllReplicas(ClusterView view) => Enumerable.Range(0, view.ShardsInUse).All(shard =>
        view.ReplicasOf(shard).Count(replica => replica.State == ReplicaStates.InSync) == view.ReplicaCount(shard));

    static Dictionary<string, List<float[]>> CentroidsOf(CollectionState state)
    {
        var centroids = new Dictionary<string, List<float[]>>();
        var size = state.Shape.Dimensions * sizeof(float);
        for (var i = 0; i < state.CentroidShards.Length; i++)
        {
            var shard = state.CentroidShards[i].ToString();
            if (!centroids.TryGetValue(shard, out var vectors))
                centroids[shard] = vectors = [];
            vectors.Add(VectorBytes.ToFloats(state.Centroids.AsSpan(i * size, size)));
        }
        return centroids;
    }

    static ShardStatusAnswer ShardAnswerOf(int number, ShardDescribed? shard, ClusterView view) => new()
    {
        Shard = number,
        Url = view.UrlOf(number),
        Health = shard is null ? "missing" : shard.Quarantined > 0 ? "damaged rows" : "ready",
        Points = shard?.Points,
        DirectoryEntries = shard?.DirectoryEntries,
        Tombstones = shard?.Tombstones,
        Quarantined = shard?.Quarantined,
        IndexBytes = shard?.IndexBytes,
        FileBytes = shard?.FileBytes,
        Index = shard?.Index,
        Replicas = ReplicasOf(number, view),
    };

    static List<ReplicaStatusAnswer>? ReplicasOf(int shard, ClusterView view)
    {
        var count = view.ReplicaCount(shard);
        if (count == 1)
            return null;
        var heard = view.ReplicasOf(shard).ToDictionary(replica => replica.Replica);
        return [.. Enumerable.Range(0, count).Select(replica => heard.TryGetValue(replica, out var announced)
            ? new ReplicaStatusAnswer(replica, announced.Url, announced.State)
            : new ReplicaStatusAnswer(replica, Url: null, "missing"))];
    }
}

/// <summary>Answer of `GET /`.</summary>
public sealed record StatusAnswer
{
    public string Name { get; init; } = "VectorDb";

    public required string Version { get; init; }

    public required bool Ready { get; init; }

    /// <summary>ready, degraded (serving, but something is missing or damaged) or starting.</summary>
    public required string Health { get; init; }

    /// <summary>What is lacking, when not ready.</summary>
    public IReadOnlyList<string>? Lacking { get; init; }

    public required string Transport { get; init; }

    public ModelAnswer? Model { get; init; }

    public CollectionAnswer? Collection { get; init; }

    public required long Points { get; init; }

    /// <summary>For each shard its centroids; none before they are set.</summary>
    public Dictionary<string, List<float[]>>? Centroids { get; init; }

    /// <summary>Moving points after a change of centroids; left out when there was none since the workers started.</summary>
    public MigrationStatus? Migration { get; init; }

    /// <summary>What would make searches better, each a sentence; left out when there is nothing to say.</summary>
    public IReadOnlyList<string>? Advice { get; init; }

    /// <summary>Adding or removing shards, while that is under way: `GET /shards` says the same.</summary>
    public ShardChangeAnswer? Change { get; init; }

    public required IReadOnlyList<ShardStatusAnswer> Shards { get; init; }
}

/// <summary>How far points are moved to where the newest centroids want them.</summary>
/// <param name="Running">Until it is over, searches also ask the shards that the earlier centroids would choose.</param>
/// <param name="Epoch">The newest set of centroids.</param>
/// <param name="Moved">Points moved so far.</param>
/// <param name="ToCheck">Points not looked at yet: at most these are still to be moved.</param>
public sealed record MigrationStatus(bool Running, int Epoch, long Moved, long ToCheck);

/// <summary>The embedding model that texts go through.</summary>
public sealed record ModelAnswer(string Name, int Dimensions, int MaxTokens);

/// <summary>The collection.</summary>
public sealed record CollectionAnswer(string Name, int Dimensions, string Metric, string? Model, int Epoch)
{
    internal static CollectionAnswer From(CollectionState state) =>
        new(state.Shape.Name, state.Shape.Dimensions, state.Shape.Metric, state.Shape.Model, state.Epoch);
}

/// <summary>One shard; counts are left out while it is missing.</summary>
public sealed record ShardStatusAnswer
{
    public required int Shard { get; init; }

    /// <summary>Where the shard answers for itself.</summary>
    public string? Url { get; init; }

    /// <summary>ready, damaged rows, or missing.</summary>
    public required string Health { get; init; }

    public long? Points { get; init; }

    public long? DirectoryEntries { get; init; }

    public long? Tombstones { get; init; }

    public long? Quarantined { get; init; }

    public long? IndexBytes { get; init; }

    public long? FileBytes { get; init; }

    /// <summary>"ready", or what the index is doing or what is wrong with it.</summary>
    public string? Index { get; init; }

    /// <summary>The shard's replicas, in order; left out where it has one only.</summary>
    public IReadOnlyList<ReplicaStatusAnswer>? Replicas { get; init; }
}

/// <summary>One replica of a shard.</summary>
/// <param name="Replica">Its number, from 0.</param>
/// <param name="Url">Where it answers for itself.</param>
/// <param name="State">in sync, joining, catching up, copying, waiting, or missing.</param>
public sealed record ReplicaStatusAnswer(int Replica, string? Url, string State);
