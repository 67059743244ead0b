using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>
/// Finds out what became of an operation, whichever API accepted it: the shards keep that in their files. Thread-safe.
/// </summary>
public sealed class OperationReader(
    IBus bus, ClusterView view, ReplyAddress replies, VectorDbOptions options, TimeProvider clock)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 5);

    static readonly TimeSpan Kept = TimeSpan.FromDays(Limits.OperationsKeptDays);

    /// <exception cref="ProblemException">
    /// 404 for an id that was not given out or is forgotten; 503 when a shard does not answer.
    /// </exception>
    public async Task<OperationFate> FindAsync(Guid operationId, CancellationToken cancellationToken)
    {
        if (!OperationId.TryRead(operationId, out var points, out var accepted))
            throw ProblemException.NotFound(
                $"There is no operation {operationId}; give the \"operation\" of a 202 answer, as it stands there.");
        if (accepted + Kept < clock.GetUtcNow())
            throw ProblemException.NotFound($"The operation {operationId} was accepted on {accepted:yyyy-MM-dd}, and what became of "
                + $"operations is kept for {Kept.TotalDays:0} days; GET /get/{{id}} tells whether a point is there.");
        var described = await Task.WhenAll(
            Enumerable.Range(0, view.ShardsInUse).Select(shard => AskAsync(shard, operationId, cancellationToken)));
        return new(operationId, points, accepted, described) { MayBeLost = IsFromBefore(accepted) };
    }

    /// <summary>In one process messages are gone with it, and with them what had not reached a shard's file.</summary>
    bool IsFromBefore(DateTimeOffset accepted) => options.Transport == TransportKind.InMemory && accepted < replies.Since;

    async Task<OperationDescribed> AskAsync(int shard, Guid operationId, CancellationToken cancellationToken)
    {
        try
        {
            var client = bus.CreateRequestClient<DescribeOperation>(ShardAddress.Search(shard), Timeout);
            var request = new DescribeOperation { Shard = shard, OperationId = operationId };
            return (await client.GetResponse<OperationDescribed>(
                request, send => send.UseExecute(context => context.Durable = false), cancellationToken)).Message;
        }
        catch (RequestTimeoutException)
        {
            throw ProblemException.Unavailable($"Shard {shard} does not answer, and it may know of points of this operation. "
                + "See GET / for its health; try again.");
        }
        catch (RequestFaultException e)
        {
            throw ProblemException.Unavailable($"Shard {shard} could not look the operation up: {e.Message}");
        }
    }
}
