using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>Passes searches on to the shards' queues, with the API's address for answers.</summary>
static class SearchSending
{
    /// <summary>
    /// Where nobody takes the message, each shard is asked by itself, and the caller need not wait until the deadline to hear that a
    /// part is missing.
    /// </summary>
    public static async Task SendAsync(ConsumeContext<SearchRequest> context, SearchShard message)
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
