using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Answers one shard's part of some searches, straight to the API.</summary>
public sealed class SearchShardConsumer(ShardSet shards) : IConsumer<SearchShard>
{
    public Task Consume(ConsumeContext<SearchShard> context)
    {
        if (context.ExpirationTime < DateTime.UtcNow)
            return Task.CompletedTask;
        var request = context.Message;
        using var timing = ShardMetrics.Searching(request.Shard, request.Questions.Count);
        return context.RespondAsync(new ShardSearched { Shard = request.Shard, Answers = Answer(request, context.CancellationToken) });
    }

    IReadOnlyList<ShardAnswer> Answer(SearchShard request, CancellationToken cancellationToken)
    {
        var shard = shards[request.Shard].Engine;
        if (shard.Schema is not { } schema)
            return [.. request.Questions.Select(question => AnswerOf(question, []))];
        if (schema.Dimensions != request.Dimensions)
            return [.. request.Questions.Select(question => AnswerOf(question, []) with
            {
                Failure = $"Shard {request.Shard} has vectors of {schema.Dimensions} numbers, and was asked with {request.Dimensions}.",
            })];
        var hits = shard.Search([.. request.Questions.Select(Rows.QueryOf)], cancellationToken);
        return [.. request.Questions.Zip(hits, AnswerOf)];
    }

    static ShardAnswer AnswerOf(ShardQuestion question, SearchHit[] hits) =>
        new() { Index = question.Index, Asked = question.Asked, Hits = [.. hits.Select(Rows.FoundOf)] };
}
