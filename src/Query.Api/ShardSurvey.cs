using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>Asks every shard for its counts. Thread-safe.</summary>
public sealed class ShardSurvey(IBus bus, ClusterView view)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 3);

    /// <summary>One answer a shard, in order; null for a shard that has not been heard of or does not answer.</summary>
    public Task<ShardDescribed?[]> AskAllAsync(CancellationToken cancellationToken) =>
        Task.WhenAll(Enumerable.Range(0, view.ShardsInUse).Select(shard => AskAsync(shard, cancellationToken)));

    async Task<ShardDescribed?> AskAsync(int shard, CancellationToken cancellationToken)
    {
        if (!view.IsPresent(shard))
            return null;
        try
        {
            var client = bus.CreateRequestClient<DescribeShard>(ShardAddress.Search(shard), Timeout);
            return (await client.GetResponse<ShardDescribed>(
                new DescribeShard { Shard = shard }, Delivery.Transient, cancellationToken)).Message;
        }
        catch (Exception e) when (e is RequestException)
        {
            return null;
        }
    }
}
