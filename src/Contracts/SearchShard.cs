using System.Text.Json.Serialization;
using VectorDb.Contracts.Blocks;

namespace VectorDb.Contracts;

/// <summary>
/// One worker's part of some searches. Sent by the router to the search queue of one of its shards, with the API's reply address.
/// Not durable, expires at the deadline. Arriving twice: answered twice, and the second answer is ignored.
/// </summary>
public sealed record SearchShard
{
    /// <summary>The shard in whose queue it travels.</summary>
    public required int Shard { get; init; }

    /// <summary>
    /// Further shards that the router believes to be open in the same worker. Each answers the questions that name it in
    /// <see cref="ShardQuestion.Asked"/>; one that is elsewhere by now is asked through its own queue.
    /// </summary>
    public int[] Also { get; init; } = [];

    public required int Dimensions { get; init; }

    [JsonConverter(typeof(ShardQuestionBlock))]
    public required IReadOnlyList<ShardQuestion> Questions { get; init; }
}

/// <summary>Takes apart what is asked of several shards.</summary>
public static class SearchShardParts
{
    /// <summary>What `shard` is asked, as a message of its own.</summary>
    public static SearchShard For(this SearchShard message, int shard) => message.Also.Length == 0 && shard == message.Shard
        ? message
        : message with
        {
            Shard = shard,
            Also = [],
            Questions = [.. message.Questions.Where(question => question.Asked.Contains(shard))],
        };

    /// <summary>What is answered where the shard cannot be asked, or cannot search.</summary>
    public static ShardSearched Failed(this SearchShard message, string reason) => new()
    {
        Shard = message.Shard,
        Answers = [.. message.Questions.Select(question => new ShardAnswer
        {
            Index = question.Index,
            Asked = question.Asked,
            Hits = [],
            Failure = reason,
        })],
    };
}

/// <summary>One search as a shard sees it.</summary>
public sealed record ShardQuestion
{
    public required int Index { get; init; }

    /// <summary>float32 little-endian, length = dimensions of the collection.</summary>
    public required byte[] Vector { get; init; }

    public required int TopK { get; init; }

    public bool WithPayload { get; init; }

    public bool WithVector { get; init; }

    public bool Exact { get; init; }

    /// <summary>All shards that are asked this: told to the API with each part, so that it knows what to wait for.</summary>
    public required int[] Asked { get; init; }
}

/// <summary>
/// A shard's part of the answers, with those of others of its worker. Sent by the worker straight to the API. Arriving twice: the
/// second is ignored.
/// </summary>
public sealed record ShardSearched
{
    public required int Shard { get; init; }

    public IReadOnlyList<ShardPart> Also { get; init; } = [];

    [JsonConverter(typeof(ShardAnswerBlock))]
    public required IReadOnlyList<ShardAnswer> Answers { get; init; }
}

/// <summary>The part of a further shard of the same worker.</summary>
public sealed record ShardPart
{
    public required int Shard { get; init; }

    [JsonConverter(typeof(ShardAnswerBlock))]
    public required IReadOnlyList<ShardAnswer> Answers { get; init; }
}

/// <summary>What one shard found for one search.</summary>
public sealed record ShardAnswer
{
    public required int Index { get; init; }

    public required int[] Asked { get; init; }

    /// <summary>Best first; equal scores by id. At most `TopK`.</summary>
    public required IReadOnlyList<FoundPoint> Hits { get; init; }

    /// <summary>Why the shard could not search; null when it did.</summary>
    public string? Failure { get; init; }
}

/// <summary>One row that was found.</summary>
public sealed record FoundPoint
{
    public required byte[] Id { get; init; }

    public required long Version { get; init; }

    /// <summary>Cosine or product: higher is nearer. Euclid: the distance, lower is nearer.</summary>
    public required float Score { get; init; }

    public string? Payload { get; init; }

    public string? Text { get; init; }

    public byte[]? Vector { get; init; }
}
