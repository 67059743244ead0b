using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Migration;

/// <summary>This worker's copy of the collection: asked of the keeper once, told of changes after that. Thread-safe.</summary>
public sealed class CollectionWatch(IBus bus, BusLink link)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    readonly Lock _lock = new();
    TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Null while there is none, or none has been heard of.</summary>
    public CollectionState? State { get; private set; }

    /// <summary>Completes with the next change.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock)
                return _changed.Task;
        }
    }

    /// <summary>The higher revision stays.</summary>
    public void Note(CollectionState state)
    {
        lock (_lock)
        {
            if (state.Revision <= (State?.Revision ?? -1))
                return;
            State = state;
            _changed.SetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }

    /// <summary>Asks the keeper, as what was published before this process listened is not heard.</summary>
    /// <exception cref="RequestException">The keeper does not answer.</exception>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        await link.Started.WaitAsync(cancellationToken);
        var client = bus.CreateRequestClient<GetCollection>(ShardAddress.Directory(ShardAddress.KeeperShard), Timeout);
        if ((await client.GetResponse<CollectionFound>(new GetCollection(), cancellationToken)).Message.State is { } state)
            Note(state);
    }
}
