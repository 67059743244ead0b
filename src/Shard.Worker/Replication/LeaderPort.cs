using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>What one replica of one shard sends to itself and the others. Thread-safe.</summary>
public sealed class LeaderPort(IBus bus, int shard, int self, ReplicaPeers peers)
{
    /// <summary>A mark that was lost with a connection is sent again.</summary>
    static readonly TimeSpan MarkAgain = TimeSpan.FromSeconds(5);

    public int Self => self;

    public ReplicaPeers Peers => peers;

    /// <summary>Completes when the broker has the change for every replica.</summary>
    public async Task LogAsync(DirectoryLogged change, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Log(shard));
        await endpoint.Send(change, cancellationToken);
    }

    /// <summary>Tells the leader how far this replica is.</summary>
    public async Task AcknowledgeAsync(int leader, LogPosition position, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Peer(shard, leader));
        try
        {
            await endpoint.Send(
                new LogApplied { Shard = shard, Replica = self, Position = position },
                send =>
                {
                    send.Durable = false;
                    send.TimeToLive = TimeSpan.FromMinutes(1);
                },
                cancellationToken);
        }
        catch (NoQueueException)
        {
            // It has been gone for so long that its queue is too. The next leader asks anew.
        }
    }

    /// <summary>Completes when everything logged before this call has been applied here.</summary>
    public Task DrainLogAsync(ReplicaLog log, CancellationToken cancellationToken) => PassAsync(
        async mark =>
        {
            var endpoint = await bus.GetSendEndpoint(ShardAddress.Log(shard));
            await endpoint.Send(new LogBarrier { Shard = shard, Mark = mark }, cancellationToken);
        },
        log.AwaitMarkAsync,
        cancellationToken);

    /// <summary>Completes when every row sent to the shard before this call has been committed here.</summary>
    public Task DrainWritesAsync(ReplicaMarks marks, CancellationToken cancellationToken) => PassAsync(
        async mark =>
        {
            var endpoint = await bus.GetSendEndpoint(ShardAddress.Write(shard));
            await endpoint.Send(new PassBarrier { Shard = shard, Replica = self, Mark = mark }, cancellationToken);
        },
        marks.AwaitAsync,
        cancellationToken);

    /// <summary>Whether a queue of a replica is full, so that the broker refuses what is sent to all of them.</summary>
    public async Task<bool> IsRefusedAsync(CancellationToken cancellationToken)
    {
        try
        {
            var write = await bus.GetSendEndpoint(ShardAddress.Write(shard));
            await write.Send(new PassBarrier { Shard = shard, Replica = PassBarrier.Nobody }, cancellationToken);
            var log = await bus.GetSendEndpoint(ShardAddress.Log(shard));
            await log.Send(new LogBarrier { Shard = shard, Mark = NewId.NextGuid() }, cancellationToken);
            return false;
        }
        catch (QueueFullException)
        {
            return true;
        }
    }

    static async Task PassAsync(Func<Guid, Task> send, Func<Guid, Task> passed, CancellationToken cancellationToken)
    {
        var marks = new List<Task>();
        while (true)
        {
            var mark = NewId.NextGuid();
            marks.Add(passed(mark));
            try
            {
                await send(mark);
            }
            catch (QueueFullException)
            {
                // The full queue may be another replica's, and then the mark is in this one's all the same.
            }
            var again = Task.Delay(MarkAgain, cancellationToken);
            if (await Task.WhenAny([.. marks, again]) != again)
                return;
            cancellationToken.ThrowIfCancellationRequested();
        }
    }
}
