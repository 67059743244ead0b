using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Which ids a shard decides for, as its own file says: where a change of the number of shards has brought it (docs/decisions/0075).
/// Kept in the file, so that a shard that was killed in the middle never decides by an older number.
/// </summary>
public sealed record HomeRule
{
    const string Document = "homes";

    /// <summary>Before the first change everybody has the same number, and whoever asks is right.</summary>
    public static HomeRule Any { get; } = new() { Change = 0, Step = 0, Count = 0 };

    /// <summary><see cref="ShardChange.Number"/> of the latest change; 0 before the first.</summary>
    public required long Change { get; init; }

    /// <summary>One of <see cref="ShardChangeSteps"/>: the last one means that the change is over as far as homes go.</summary>
    public required int Step { get; init; }

    /// <summary>The number by which homes are found; 0 for whatever the sender thinks.</summary>
    public required int Count { get; init; }

    /// <summary>The number to come, while homes move; null when they do not.</summary>
    public int? Next { get; init; }

    /// <summary>What a step of a change asks of every shard.</summary>
    public static HomeRule Of(ShardChange change) => change.Step == ShardChangeSteps.Moving
        ? new() { Change = change.Number, Step = change.Step, Count = change.To }
        : new() { Change = change.Number, Step = change.Step, Count = change.From, Next = change.To };

    /// <summary>The rule in a shard's file, as a transaction sees it.</summary>
    public static HomeRule Read(ShardTransaction transaction) => Parse(transaction.GetDocument(Document));

    /// <summary>The rule in a shard's file, as it was committed last.</summary>
    public static HomeRule Read(Shard shard) => Parse(shard.GetDocument(Document));

    public void Write(ShardTransaction transaction) =>
        transaction.PutDocument(Document, JsonSerializer.SerializeToUtf8Bytes(this));

    /// <summary>This one was in force earlier.</summary>
    public bool IsBefore(HomeRule other) => (Change, Step).CompareTo((other.Change, other.Step)) < 0;

    /// <summary>This shard, and no other, may give the id a version now.</summary>
    public bool Decides(ReadOnlySpan<byte> id, int shard) =>
        Count == 0 || (Home.Of(id, Count) == shard && (Next is not { } next || Home.Of(id, next) == shard));

    /// <summary>The shard to ask about the id; this one where it knows all that there is to know.</summary>
    public int Asked(ReadOnlySpan<byte> id, int shard)
    {
        if (Count == 0)
            return shard;
        if (Next is not { } next)
            return Home.Of(id, Count);
        // Nobody asks the new home before all is copied to it.
        var home = Home.Of(id, next);
        return home == shard || Step > ShardChangeSteps.HandingOver ? home : Home.Of(id, Count);
    }

    /// <summary>The shard that is the id's home now or will be next.</summary>
    public int HomeToBe(ReadOnlySpan<byte> id, int shard) => Count == 0 ? shard : Home.Of(id, Next ?? Count);

    static HomeRule Parse(byte[]? document) => document is null ? Any : JsonSerializer.Deserialize<HomeRule>(document)!;
}
