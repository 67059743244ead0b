using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Waits until the other members of a shard have committed every row that was sent to it so far. Until then an older row elsewhere must
/// not be evicted: a reader that asks one of the others would find the point nowhere. Thread-safe.
/// </summary>
public sealed class MemberBarrier(IBus bus, int shard, int self, ReplicaLog log)
{
    /// <summary>A member that dies meanwhile soon is none, so it is asked again and again.</summary>
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 3);

    public async Task PassAsync(CancellationToken cancellationToken) => await Task.WhenAll(
        (log.Members?.Replicas ?? []).Where(replica => replica != self).Select(replica => PassAsync(replica, cancellationToken)));

    async Task PassAsync(int replica, CancellationToken cancellationToken)
    {
        while (log.Members?.Replicas.Contains(replica) == true)
            try
            {
                var client = bus.CreateRequestClient<PassBarrier>(ShardAddress.Write(shard), Timeout);
                await client.GetResponse<BarrierPassed>(new PassBarrier { Shard = shard, Replica = replica }, cancellationToken);
                return;
            }
            catch (RequestTimeoutException)
            {
                cancellationToken.ThrowIfCancellationRequested();
            }
    }
}
