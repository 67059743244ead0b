using System.ComponentModel;
using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.QueryApi;

/// <summary>Body of `POST /store`: one point, or `points`.</summary>
public sealed record StoreBody
{
    [Description("A number, a UUID or a string of 1 to 512 UTF-8 bytes. 5 and \"5\" are two ids.")]
    public PointId? Id { get; init; }

    [Description("Finite 32-bit floats, as many as the collection has dimensions.")]
    public float[]? Vector { get; init; }

    [Description("Embedded when there is no vector; stored in either case.")]
    public string? Text { get; init; }

    [Description("Any JSON object; given back as it is.")]
    public JsonElement? Payload { get; init; }

    [Description("Instead of id, vector and text: several points, stored together. At most 10,000.")]
    public IReadOnlyList<PointInput>? Points { get; init; }

    [Description("true: answer when the points are on disk and searchable. false: answer 202 at once; "
        + "GET /operations/{operation} tells what became of them.")]
    public bool Wait { get; init; } = true;
}

/// <summary>A stored point.</summary>
/// <param name="Id">As it was sent.</param>
/// <param name="Shard">The shard that holds it.</param>
/// <param name="Version">Grows with every operation on the id.</param>
public sealed record StoreAnswer(PointId Id, int Shard, long Version);

/// <summary>Several stored points, in the order of the request.</summary>
public sealed record StoreManyAnswer(IReadOnlyList<StoreAnswer> Points);

/// <summary>Answer with `wait: false`.</summary>
/// <param name="Operation">`GET /operations/{operation}` tells what became of it; the header Location says the same.</param>
/// <param name="Ids">What will be stored.</param>
/// <param name="Durable">Whether it survives a crash of this process already.</param>
public sealed record AcceptedAnswer(Guid Operation, IReadOnlyList<PointId> Ids, bool Durable);

/// <summary>A point found by its id.</summary>
public sealed record GetAnswer
{
    public required PointId Id { get; init; }

    [Description("Normalised to length 1 where the metric is Cosine. Left out with with_vector=false.")]
    public float[]? Vector { get; init; }

    public JsonElement? Payload { get; init; }

    public string? Text { get; init; }

    public required int Shard { get; init; }

    public required long Version { get; init; }
}

/// <summary>A deleted point.</summary>
public sealed record DeleteAnswer(PointId Id, long Version);

/// <summary>Body of `POST /search`.</summary>
public sealed record SearchBody
{
    [Description("The vector whose neighbours are wanted. Give this or text.")]
    public float[]? QueryVector { get; init; }

    [Description("A text whose neighbours are wanted; embedded with the collection's model.")]
    public string? Text { get; init; }

    [Description("How many results, 1 to 10,000.")]
    public int TopK { get; init; } = 5;

    [Description("How many shards to ask, nearest first: a number from 1, \"all\", or \"auto\".")]
    public ShardsToSearch ShardsToSearch { get; init; } = new(1);

    [Description("Not built yet: answered with 422.")]
    public JsonElement? Filter { get; init; }

    [Description("Give payload and text with each result.")]
    public bool WithPayload { get; init; } = true;

    [Description("Give the vector with each result.")]
    public bool WithVector { get; init; }

    [Description("Compare with every vector of the asked shards instead of using an approximate index.")]
    public bool Exact { get; init; }
}

/// <summary>Answer of `POST /search`.</summary>
public sealed record SearchAnswer
{
    [Description("Best first; equal scores in the order of ids.")]
    public required IReadOnlyList<SearchResult> Results { get; init; }

    public required ShardsAnswer Shards { get; init; }

    [Description("true when a shard that was asked did not answer in time: results may be missing.")]
    public required bool Partial { get; init; }

    public required double TookMs { get; init; }
}

/// <summary>How many shards were asked and have answered.</summary>
public sealed record ShardsAnswer(int Asked, int Answered);

/// <summary>One result.</summary>
public sealed record SearchResult
{
    public required PointId Id { get; init; }

    [Description("Cosine similarity or product (higher is nearer), or Euclidean distance (lower is nearer).")]
    public required float Score { get; init; }

    public required int Shard { get; init; }

    public required long Version { get; init; }

    public JsonElement? Payload { get; init; }

    public string? Text { get; init; }

    public float[]? Vector { get; init; }
}

/// <summary>Body of `POST /search/batch`.</summary>
public sealed record SearchBatchBody
{
    [Description("At most 1,000 searches.")]
    public required IReadOnlyList<SearchBody> Searches { get; init; }
}

/// <summary>One answer for each search, in order.</summary>
public sealed record SearchBatchAnswer(IReadOnlyList<SearchAnswer> Answers);

/// <summary>Body of `POST /train`, which may be left out.</summary>
public sealed record TrainBody
{
    [Description("Share of the stored points to train from, above 0 and at most 1.")]
    public double Sample { get; init; } = 0.1;

    [Description("Train from these texts instead of from what is stored.")]
    public IReadOnlyList<string>? Texts { get; init; }

    [Description("Train from these vectors instead of from what is stored.")]
    public IReadOnlyList<float[]>? Vectors { get; init; }

    [Description("How many points the texts or vectors were drawn from, where that is more than what is given: GET / advises to train "
        + "again when there are many more points than that.")]
    public long? SampledFrom { get; init; }
}

/// <summary>Answer of `POST /train`.</summary>
public sealed record TrainAnswer(int Epoch, int TrainedFrom, int Shards, MigrationAnswer Migration);

/// <summary>Answer of `POST /set_centroids`.</summary>
public sealed record CentroidsAnswer(int Epoch, int Centroids, MigrationAnswer Migration);

/// <summary>Whether there are points that may have to be moved because of new centroids: see `migration` in `GET /`.</summary>
public sealed record MigrationAnswer(bool Started);
