using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Answers the part of some searches that this worker's shards have, straight to the API.</summary>
public sealed class SearchShardConsumer(ShardSearcher searcher) : IConsumer<SearchShard>
{
    public async Task Consume(ConsumeContext<SearchShard> context)
    {
        if (context.ExpirationTime < DateTime.UtcNow)
            return;
        var request = context.Message;
        var passing = request.Also.Where(shard => !searcher.IsServed(shard)).ToList();
        var passed = Task.WhenAll(passing.Select(shard => SearchReply.PassOnAsync(context, request.For(shard))));
        int[] asked = [request.Shard, .. request.Also.Except(passing)];
        await SearchReply.SendAsync(context, await searcher.AnswerAsync(request, asked, context.CancellationToken));
        await passed;
    }
}
