using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;

namespace VectorDb.IngestWorker;

/// <summary>
/// This router's copy of the collection: told of changes by the keeper, and read from it when a message comes from someone who has
/// seen a newer one. Thread-safe.
/// </summary>
public sealed class PlacementView(IBus bus, SketchBook sketches)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    readonly Lock _lock = new();
    volatile ShardRouter? _router;

    /// <summary>As far as this router was told; null before.</summary>
    public ShardRouter? Latest => _router;

    /// <summary>The higher revision stays.</summary>
    public void Note(CollectionState state)
    {
        lock (_lock)
            if (state.Revision > (_router?.State.Revision ?? -1))
                _router = new(state, sketches);
    }

    /// <summary>The router for a collection of at least this revision; null where there is no collection.</summary>
    public async ValueTask<ShardRouter?> RouterAsync(long revision, CancellationToken cancellationToken)
    {
        if (_router is { } router && router.State.Revision >= revision)
            return router;
        var client = bus.CreateRequestClient<GetCollection>(ShardAddress.Directory(ShardAddress.KeeperShard), Timeout);
        var found = await client.GetResponse<CollectionFound>(new GetCollection(), cancellationToken);
        if (found.Message.State is { } state)
            Note(state);
        return _router;
    }
}
