using System.Text.Json.Serialization;
using VectorDb.Contracts.Blocks;

namespace VectorDb.Contracts;

/// <summary>
/// Searches of one API process that travel together. Sent to the router, which embeds, chooses shards and sends on; the shards
/// answer the API directly (the router passes on reply address and request id). Not durable, expires at the deadline. Arriving
/// twice: parts are answered twice and the second ones ignored.
/// </summary>
public sealed record SearchRequest
{
    public string Collection { get; init; } = CollectionShape.DefaultName;

    /// <summary>Newest revision of the collection that the sender has seen: the router catches up to it before it routes.</summary>
    public long Revision { get; init; }

    [JsonConverter(typeof(SearchQuestionBlock))]
    public required IReadOnlyList<SearchQuestion> Questions { get; init; }
}

/// <summary>One search: a vector, or a text to embed.</summary>
public sealed record SearchQuestion
{
    /// <summary>The search's number within the message.</summary>
    public required int Index { get; init; }

    /// <summary>float32 little-endian, length = dimensions of the collection; null when there is a text to embed.</summary>
    public byte[]? Vector { get; init; }

    public string? Text { get; init; }

    public required int TopK { get; init; }

    /// <summary>How many shards to ask: 1 or more, <see cref="AllShards"/> or <see cref="AutoShards"/>.</summary>
    public required int ShardsToSearch { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }

    /// <summary>Compare with every vector of the chosen shards instead of asking an approximate index.</summary>
    public bool Exact { get; init; }

    public const int AllShards = 0;

    public const int AutoShards = -1;
}

/// <summary>
/// Searches that the router could not pass on. Sent by it to the API. Arriving twice: the second is ignored.
/// </summary>
public sealed record SearchRejected
{
    public required IReadOnlyList<RejectedQuestion> Questions { get; init; }
}

/// <summary>One search that was refused, and why.</summary>
public sealed record RejectedQuestion
{
    public required int Index { get; init; }

    /// <summary>A sentence that says what to do.</summary>
    public required string Reason { get; init; }

    /// <summary>True when the caller asked wrongly, false when this side is not ready.</summary>
    public required bool IsCallersFault { get; init; }
}
