using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker;

/// <summary>Answers searches from the shards of this worker. Thread-safe.</summary>
public sealed class ShardSearcher(ShardSet shards, ReplicaLives lives, ILogger<ShardSearcher> logger)
{
    /// <summary>A replica that is open but not in sync must not answer.</summary>
    public bool IsServed(int shard) => shards.TryGet(shard, out _) && (!shards.HasReplicas || lives.Find(shard) is { IsServing: true });

    /// <summary>
    /// The parts of `asked` in their order. Side by side: in a worker that is not busy a search should not wait for one shard after
    /// another.
    /// </summary>
    /// <exception cref="KeyNotFoundException">The first is not open here: the message came to the wrong queue.</exception>
    public async Task<ShardPart[]> AnswerAsync(SearchShard request, int[] asked, CancellationToken cancellationToken)
    {
        var others = asked[1..].Select(shard => Task.Run(() => Answer(request.For(shard), cancellationToken), cancellationToken)).ToArray();
        var first = Answer(request.For(asked[0]), cancellationToken);
        return [first, .. await Task.WhenAll(others)];
    }

    ShardPart Answer(SearchShard request, CancellationToken cancellationToken)
    {
        using var timing = ShardMetrics.Searching(request.Shard, request.Questions.Count);
        return new() { Shard = request.Shard, Answers = Hits(request, cancellationToken) };
    }

    IReadOnlyList<ShardAnswer> Hits(SearchShard request, CancellationToken cancellationToken)
    {
        var shard = shards[request.Shard].Engine;
        try
        {
            if (shard.Schema is not { } schema)
                return [.. request.Questions.Select(question => AnswerOf(question, []))];
            if (schema.Dimensions != request.Dimensions)
                return request.Failed(
                    $"Shard {request.Shard} has vectors of {schema.Dimensions} numbers, and was asked with {request.Dimensions}.").Answers;
            var hits = shard.Search([.. request.Questions.Select(Rows.QueryOf)], cancellationToken);
            return [.. request.Questions.Zip(hits, AnswerOf)];
        }
        catch (Exception e) when (e is ShardException or ObjectDisposedException)
        {
            // Back to the queue, where another replica may take it.
            if (shards.HasReplicas)
                throw new OperationCanceledException($"Shard {request.Shard} cannot be searched here: {e.Message}", e);
            logger.LogError("Shard {Shard} could not be searched: {Reason}", request.Shard, e.Message);
            return request.Failed(e.Message).Answers;
        }
    }

    static ShardAnswer AnswerOf(ShardQuestion question, SearchHit[] hits) =>
        new() { Index = question.Index, Asked = question.Asked, Hits = [.. hits.Select(Rows.FoundOf)] };
}
