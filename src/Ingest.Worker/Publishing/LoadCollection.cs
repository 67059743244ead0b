using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// The collection that a load goes into: found, or made from the first row as the first store over HTTP makes it. Rows are checked
/// against it before a message exists. Thread-safe.
/// </summary>
public sealed class LoadCollection(IBus bus, ClusterHeard cluster) : IDisposable
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 20);

    readonly SemaphoreSlim _oneAtATime = new(1);
    volatile CollectionState? _state;

    RouterAnnounced Router => cluster.Router!;

    /// <summary>Null where there is none yet.</summary>
    public async Task<CollectionState?> FindAsync(CancellationToken cancellationToken)
    {
        var found = await AskAsync<GetCollection, CollectionFound>(new(), cancellationToken);
        return _state = found.State;
    }

    /// <summary>`points`: those about to be stored; the first text among them, or else the first vector, decides the size.</summary>
    public async Task<CollectionState> GetOrDefineAsync(IReadOnlyList<PointInput> points, CancellationToken cancellationToken)
    {
        var first = points.FirstOrDefault(point => point.Vector is null) ?? points[0];
        if (_state is { } known && IsComplete(known, first))
            return known;
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            var state = _state ?? await FindAsync(cancellationToken);
            if (state is not null && IsComplete(state, first))
                return state;
            var defined = await AskAsync<DefineCollection, CollectionDefined>(
                new() { Shape = ShapeFor(state, first) }, cancellationToken);
            return _state = defined.State;
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    public void Note(CollectionState state) => _state = state;

    /// <summary>What keeps a point out of the collection: a clause that says what to do; null when nothing does.</summary>
    public string? Problem(PointInput point, CollectionShape shape) => point.Vector is { } vector
        ? VectorChecks.Problem(vector, shape)
        : VectorChecks.TextProblem(shape, Router.Model, Router.ModelChecksum, Router.Dimensions);

    public void Dispose() => _oneAtATime.Dispose();

    /// <summary>Nothing is left to be defined by this point. A model of another size is not added: its texts are refused.</summary>
    bool IsComplete(CollectionState state, PointInput first) =>
        first.Vector is not null || state.Shape.Model is not null || state.Shape.Dimensions != Router.Dimensions;

    CollectionShape ShapeFor(CollectionState? state, PointInput first) => (state, first.Vector) switch
    {
        ({ } known, _) => known.Shape with { Model = Router.Model, ModelChecksum = Router.ModelChecksum },
        (null, { } vector) => new() { Dimensions = vector.Length },
        _ => new() { Dimensions = Router.Dimensions, Model = Router.Model, ModelChecksum = Router.ModelChecksum },
    };

    async Task<TAnswer> AskAsync<TRequest, TAnswer>(TRequest request, CancellationToken cancellationToken)
        where TRequest : class
        where TAnswer : class
    {
        try
        {
            var client = bus.CreateRequestClient<TRequest>(ShardAddress.Directory(ShardAddress.KeeperShard), Timeout);
            return (await client.GetResponse<TAnswer>(request, cancellationToken)).Message;
        }
        catch (RequestTimeoutException away)
        {
            throw new CommandFailure(
                $"Shard {ShardAddress.KeeperShard}, which keeps the collection, does not answer. Is its worker running?", away);
        }
        catch (RequestFaultException failed)
        {
            throw new CommandFailure($"Shard {ShardAddress.KeeperShard}, which keeps the collection, failed: {failed.Message}", failed);
        }
    }
}
