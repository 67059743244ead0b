using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>A replica whose file is complete: what takes part in keeping it the same as the others.</summary>
public sealed class OpenReplica : IAsyncDisposable
{
    readonly CancellationToken _ending;

    public OpenReplica(IBus bus, OwnedShard shard, LeaderPort port, ILogger logger, CancellationToken ending)
    {
        (Number, Port, Log) = (port.Self, port, new(port.Self, shard));
        Leader = new(shard, Log, port, logger, ending);
        _ending = ending;
        Progress = new(port, ending);
        Barrier = new(bus, shard.Number, Number, Log);
    }

    /// <summary>Which replica of the shard.</summary>
    public int Number { get; }

    public ReplicaLog Log { get; }

    public DirectoryLeader Leader { get; }

    public LeaderPort Port { get; }

    public MemberBarrier Barrier { get; }

    public ReplicaProgress Progress { get; }

    /// <summary>Barriers of its own that come back through its queue of rows.</summary>
    public ReplicaMarks Marks { get; } = new();

    /// <summary>How far the queue of rows has been applied.</summary>
    public required DeliveryOrder Order { get; init; }

    /// <summary>How far the queue of the log has been given to the writer.</summary>
    public required DeliveryOrder LogOrder { get; init; }

    /// <summary>
    /// Begins `work` when that of all messages before this one has begun: what is under way together is committed together.
    /// </summary>
    public async Task<T> InLogOrderAsync<T>(ReceiveContext message, Func<T> work)
        where T : Task
    {
        await LogOrder.Before(message).WaitAsync(_ending);
        var begun = work();
        LogOrder.Applied(message);
        return begun;
    }

    /// <summary>
    /// After the rows of a message are committed. Where older rows must be evicted elsewhere, completes only when the other members have
    /// committed too.
    /// </summary>
    public async Task<Witness> CommittedAsync(ReceiveContext message, bool isMoving, CancellationToken cancellationToken)
    {
        Order.Applied(message);
        if (isMoving)
            await Barrier.PassAsync(cancellationToken);
        return new(Number, Log.Members);
    }

    public ValueTask DisposeAsync() => Leader.DisposeAsync();
}

/// <summary>Which replica reports something, and which ones must report it too.</summary>
/// <param name="Replica">The reporting one.</param>
/// <param name="Members">Null where the shard has one replica only.</param>
public readonly record struct Witness(int Replica, ReplicaMembers? Members);
