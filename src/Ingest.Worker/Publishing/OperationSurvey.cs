using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// Asks the shards what became of operations whose answers have not come: a reply queue goes with its connection, and what was told
/// to it meanwhile is lost. Thread-safe.
/// </summary>
public sealed class OperationSurvey(IBus bus, BatchFates fates, int shardCount)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 5);

    public Task AskAsync(IEnumerable<PublishedBatch> batches, CancellationToken cancellationToken) => Task.WhenAll(
        from batch in batches
        from shard in Enumerable.Range(0, shardCount)
        select AskAsync(batch.Id, shard, cancellationToken));

    async Task AskAsync(Guid operationId, int shard, CancellationToken cancellationToken)
    {
        try
        {
            var client = bus.CreateRequestClient<DescribeOperation>(ShardAddress.Search(shard), Timeout);
            var request = new DescribeOperation { Shard = shard, OperationId = operationId };
            var answer = await client.GetResponse<OperationDescribed>(
                request, send => send.UseExecute(context => context.Durable = false), cancellationToken);
            fates.Take(operationId, answer.Message);
        }
        catch (Exception e) when (e is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
        {
            // A shard that does not answer leaves what it has pending; it is asked again, or the report says so.
        }
    }
}
