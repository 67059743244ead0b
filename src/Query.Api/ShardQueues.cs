using System.Collections.Concurrent;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>
/// Whether every shard has its queues, so that a write can be taken whichever shard it goes to: a shard that is down gets it later,
/// one that was never started would never. Thread-safe.
/// </summary>
public sealed class ShardQueues(IBus bus, ClusterView view, VectorDbOptions options)
{
    readonly ConcurrentDictionary<int, bool> _known = new();

    /// <exception cref="ProblemException">503 that names the shard that has never been started.</exception>
    public async Task RequireAllAsync(CancellationToken cancellationToken)
    {
        // In one process the shards' queues open with the API's own.
        if (options.Transport == TransportKind.InMemory || _known.Count >= view.ShardsInUse)
            return;
        foreach (var shard in Enumerable.Range(0, view.ShardsInUse).Where(shard => !_known.ContainsKey(shard)))
        {
            if (!view.HasHeardOf(shard))
                await ProbeAsync(shard, cancellationToken);
            _known[shard] = true;
        }
    }

    /// <summary>Messages about no point at all change nothing, and come back when there is no queue for them.</summary>
    async Task ProbeAsync(int shard, CancellationToken cancellationToken)
    {
        try
        {
            var write = await bus.GetSendEndpoint(ShardAddress.Write(shard));
            var directory = await bus.GetSendEndpoint(ShardAddress.Directory(shard));
            await Delivery.InTimeAsync(
                patience => Task.WhenAll(
                    write.Send(new EvictPoints { Shard = shard, ShardCount = view.ShardCount, Points = [] }, patience),
                    directory.Send(new ReleasePlaces { Shard = shard, Places = [] }, patience)),
                cancellationToken);
        }
        catch (NoQueueException absent)
        {
            throw ProblemException.Unavailable($"Shard {shard} has never been started: there is no queue {absent.Queue}. Start its "
                + $"worker (VectorDb__OwnedShards={shard}), then try again. Nothing of this was taken.");
        }
    }
}
