using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Searches for routers that want to know where the nearest rows are, and not which.</summary>
public sealed class FindScoresConsumer(ShardSet shards) : IConsumer<FindScores>
{
    public Task Consume(ConsumeContext<FindScores> context)
    {
        var request = context.Message;
        var shard = shards[request.Shard].Engine;
        var vectors = shard.Schema is { } schema ? request.Vectors.Chunk(schema.Dimensions * sizeof(float)) : [];
        SearchQuery[] queries = [.. vectors.Select(
            bytes => new SearchQuery { Vector = VectorBytes.ToFloats(bytes), TopK = request.TopK })];
        var scores = new float[queries.Length * request.TopK];
        Array.Fill(scores, float.NaN);
        var hits = shard.Search(queries, context.CancellationToken);
        for (var query = 0; query < hits.Length; query++)
            for (var hit = 0; hit < hits[query].Length; hit++)
                scores[query * request.TopK + hit] = hits[query][hit].Score;
        return context.RespondAsync(new ScoresFound { Scores = VectorBytes.From(scores) });
    }
}
