using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Passes searches on to the shards, which answer the API themselves.</summary>
public sealed class SearchRequestConsumer(SearchRouter searches, PlacementView placement) : IConsumer<SearchRequest>
{
    public async Task Consume(ConsumeContext<SearchRequest> context)
    {
        if (context.ExpirationTime < DateTime.UtcNow)
            return;
        var router = await placement.RouterAsync(context.Message.Revision, context.CancellationToken);
        var plan = Plan(context, router);
        if (plan.Rejected.Count > 0)
            await context.RespondAsync(new SearchRejected { Questions = plan.Rejected });
        // After embedding, because that is what takes long: nobody waits for an answer after the deadline.
        if (context.ExpirationTime is null || context.ExpirationTime > DateTime.UtcNow)
            await Task.WhenAll(plan.Shards.Select(message => SendAsync(context, message)));
    }

    SearchPlan Plan(ConsumeContext<SearchRequest> context, ShardRouter? router)
    {
        using var span = Telemetry.Activities.StartActivity("choose shards");
        var plan = searches.Plan(context.Message.Questions, router, context.CancellationToken);
        span?.SetTag("vectordb.searches", context.Message.Questions.Count).SetTag("vectordb.shards", plan.Shards.Count);
        return plan;
    }

    /// <summary>
    /// Where nobody takes the message, each shard is asked by itself, and the caller need not wait until the deadline to hear that a
    /// part is missing.
    /// </summary>
    static async Task SendAsync(ConsumeContext<SearchRequest> context, SearchShard message)
    {
        try
        {
            await context.PassOnAsync(ShardAddress.Search(message.Shard), message);
        }
        catch (UndeliveredException) when (message.Also.Length > 0)
        {
            await Task.WhenAll(message.Also.Append(message.Shard).Select(shard => SendAsync(context, message.For(shard))));
        }
        catch (UndeliveredException e)
        {
            await context.RespondAsync(message.Failed(e.Message));
        }
    }
}
