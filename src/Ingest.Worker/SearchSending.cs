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
            await PassOnAsync(context, message);
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

    static async Task PassOnAsync(ConsumeContext<SearchRequest> context, SearchShard message)
    {
        var endpoint = await context.GetSendEndpoint(ShardAddress.Search(message.Shard));
        await endpoint.Send(message, send =>
        {
            send.RequestId = context.RequestId;
            send.ResponseAddress = context.ResponseAddress;
            send.Durable = false;
            if (context.ExpirationTime - DateTime.UtcNow is { Ticks: > 0 } left)
                send.TimeToLive = left;
        }, context.CancellationToken);
    }
}
