namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>What `vectordb bench shards` was told.</summary>
public sealed record ShardsBenchmarkOptions
{
    /// <summary>Vectors made earlier; null to embed texts.</summary>
    public string? Vectors { get; init; }

    /// <summary>Files of texts to embed, in any format that `load` reads.</summary>
    public required IReadOnlyList<string> Texts { get; init; }

    public required string Model { get; init; }

    public required string ModelPath { get; init; }

    /// <summary>Points to store; null for 10,000, or what there is where that is less.</summary>
    public required int? Points { get; init; }

    /// <summary>Searches that are timed, for each number of shards and each way to choose them.</summary>
    public required int Queries { get; init; }

    public required IReadOnlyList<int> Shards { get; init; }

    /// <summary>Where results and plots go; null for none.</summary>
    public string? Folder { get; init; }
}
