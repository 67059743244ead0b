using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Answers the part of some searches that this worker's shards have, straight to the API.</summary>
public sealed class SearchShardConsumer(ShardSet shards, ReplicaLives lives, ILogger<SearchShardConsumer> logger) : IConsumer<SearchShard>
{
    public async Task Consume(ConsumeContext<SearchShard> context)
    {
        if (context.ExpirationTime < DateTime.UtcNow)
            return;
        var request = context.Message;
        var passing = request.Also.Where(shard => !IsServed(shard)).ToList();
        var passed = Task.WhenAll(passing.Select(shard => SearchReply.PassOnAsync(context, request.For(shard))));
        int[] asked = [request.Shard, .. request.Also.Except(passing)];
        await SearchReply.SendAsync(context, await AnswerAsync(request, asked, context.CancellationToken));
        await passed;
    }

    /// <summary>Side by side: a worker that is not busy should not let a search wait for one shard after another.</summary>
    async Task<ShardPart[]> AnswerAsync(SearchShard request, int[] asked, CancellationToken cancellationToken)
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
                return Failed(request, $"Shard {request.Shard} has vectors of {schema.Dimensions} numbers, and was asked with "
                    + $"{request.Dimensions}.");
            var hits = shard.Search([.. request.Questions.Select(Rows.QueryOf)], cancellationToken);
            return [.. request.Questions.Zip(hits, AnswerOf)];
        }
        catch (Exception e) when (e is ShardException or ObjectDisposedException)
        {
            // Back to the queue, where another replica may take it.
            if (shards.HasReplicas)
                throw new OperationCanceledException($"Shard {request.Shard} cannot be searched here: {e.Message}", e);
            logger.LogError("Shard {Shard} could not be searched: {Reason}", request.Shard, e.Message);
            return Failed(request, e.Message);
        }
    }

    /// <summary>A replica that is open but not in sync must not answer.</summary>
    bool IsServed(int shard) => shards.TryGet(shard, out _) && (!shards.HasReplicas || lives.Find(shard) is { IsServing: true });

    static ShardAnswer[] Failed(SearchShard request, string reason) =>
        [.. request.Questions.Select(question => AnswerOf(question, []) with { Failure = reason })];

    static ShardAnswer AnswerOf(ShardQuestion question, SearchHit[] hits) =>
        new() { Index = question.Index, Asked = question.Asked, Hits = [.. hits.Select(Rows.FoundOf)] };
}
