using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// Gives up the queues of a replica that is gone when no more goes into them, because the shard could not be written to any more. What they
/// held is lost to that replica; a mark at the broker tells it so when it comes back, and it is copied. Thread-safe.
/// </summary>
public sealed class GoneReplicas(ReplicaHost host, int shard, ReplicaPeers peers)
{
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(10);

    readonly Lock _lock = new();
    long _lookedAt = host.Clock.GetTimestamp();

    /// <summary>Nothing when it was called less than ten seconds ago.</summary>
    public async Task LookAsync(OpenReplica replica, CancellationToken cancellationToken)
    {
        if (!IsTime() || replica.Log.Members is not { } members)
            return;
        var gone = Enumerable.Range(0, host.Options.Replicas)
            .Where(number => number != replica.Number && !members.Replicas.Contains(number) && peers.IsGone(number)).ToList();
        if (gone.Count > 0 && await replica.Port.IsRefusedAsync(cancellationToken))
            foreach (var number in gone)
                await GiveUpAsync(number, cancellationToken);
    }

    /// <summary>
    /// Whoever holds a replica's name is the only one that begins to read its queues or deletes them: so none is deleted that is read.
    /// The mark comes before anything is lost.
    /// </summary>
    async Task GiveUpAsync(int number, CancellationToken cancellationToken)
    {
        await using var hold = await host.Queues.HoldAsync(ShardAddress.HoldName(shard, number), cancellationToken);
        foreach (var queue in ReplicaQueues.NamesOf(shard, number))
        {
            if (await hold.ReadersAsync(queue, cancellationToken) is not 0)
                continue;
            await hold.MarkAsync(ShardAddress.GivenUpName(shard, number), cancellationToken);
            await hold.DeleteAsync(queue, cancellationToken);
            host.Logger.LogWarning(
                "Shard {Shard}: replica {Replica} is gone and the broker took no more for it, so {Queue} was deleted: when it comes back, "
                    + "it is copied from another", shard, number, queue);
        }
    }

    bool IsTime()
    {
        lock (_lock)
        {
            if (host.Clock.GetElapsedTime(_lookedAt) < LookEvery)
                return false;
            _lookedAt = host.Clock.GetTimestamp();
            return true;
        }
    }
}
