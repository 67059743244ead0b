using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>Asks the keeper shard about the collection, makes it, and changes its centroids. Thread-safe.</summary>
public sealed class CollectionKeeper(IBus bus, ClusterView view)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    /// <summary>Training a large sample may take that long on a busy machine.</summary>
    static readonly RequestTimeout TrainingTimeout = RequestTimeout.After(m: 5);

    /// <summary>The collection, made by the first store: a vector's size, or the model's when the first point is a text.</summary>
    /// <exception cref="ProblemException">422 when no model is known for a text; 503 when the keeper does not answer.</exception>
    public async Task<CollectionState> GetOrDefineAsync(PointInput first, CancellationToken cancellationToken)
    {
        if (view.Collection is { } state && (first.Vector is not null || state.Shape.Model is not null))
            return state;
        var router = view.Router ?? throw ProblemException.Unavailable("The embedding worker has not been heard of yet; try again.");
        if (view.Collection is { } known)
            return known.Shape.Dimensions == router.Dimensions
                ? await DefineAsync(known.Shape with { Model = router.Model, ModelChecksum = router.ModelChecksum }, cancellationToken)
                : known;
        return await DefineAsync(
            first.Vector is { } vector
                ? new() { Dimensions = vector.Length }
                : new() { Dimensions = router.Dimensions, Model = router.Model, ModelChecksum = router.ModelChecksum },
            cancellationToken);
    }

    /// <summary>Reads the collection's state from the keeper into this API's view.</summary>
    public async Task RefreshAsync(CancellationToken cancellationToken)
    {
        var found = await AskAsync<GetCollection, CollectionFound>(new GetCollection(), Timeout, cancellationToken);
        view.Note(found.State);
    }

    /// <summary>Centroids for a sample. Changes nothing yet.</summary>
    public async Task<CentroidsTrained> TrainAsync(TrainCentroids request, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<TrainCentroids>(ShardAddress.Ingest, TrainingTimeout);
        var answer = await Guarded(client.GetResponse<CentroidsTrained, RequestRefused>(request, cancellationToken));
        return answer.Is(out Response<CentroidsTrained>? trained) ? trained.Message : throw Refused(answer);
    }

    /// <exception cref="ProblemException">409 where shards come or go meanwhile; 503 when the keeper does not answer.</exception>
    public async Task<CollectionState> SetCentroidsAsync(SetCentroids request, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<SetCentroids>(ShardAddress.Directory(ShardAddress.KeeperShard), Timeout);
        var answer = await Guarded(client.GetResponse<CentroidsSet, RequestRefused>(request, cancellationToken));
        // What is wrong with the centroids themselves was said before: the keeper's collection is another by now.
        if (answer.Is(out Response<RequestRefused>? refused))
            throw ProblemException.Conflict(refused.Message.Reason);
        if (!answer.Is(out Response<CentroidsSet>? set))
            throw ProblemException.Unavailable("The answer was not understood.");
        view.Note(set.Message.State);
        return set.Message.State;
    }

    public async Task<TextsEmbedded> EmbedAsync(IReadOnlyList<string> texts, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<EmbedTexts>(ShardAddress.RouteSearch, TrainingTimeout);
        var answer = await Guarded(
            client.GetResponse<TextsEmbedded>(new EmbedTexts { Texts = texts }, Delivery.Transient, cancellationToken));
        return answer.Message;
    }

    /// <summary>Makes the collection; the first definition wins, so the answer may differ from what was asked.</summary>
    public async Task<CollectionState> DefineAsync(CollectionShape shape, CancellationToken cancellationToken)
    {
        var defined = await AskAsync<DefineCollection, CollectionDefined>(
            new DefineCollection { Shape = shape }, Timeout, cancellationToken);
        view.Note(defined.State);
        return defined.State;
    }

    async Task<TResponse> AskAsync<TRequest, TResponse>(
        TRequest request, RequestTimeout timeout, CancellationToken cancellationToken)
        where TRequest : class
        where TResponse : class
    {
        var client = bus.CreateRequestClient<TRequest>(ShardAddress.Directory(ShardAddress.KeeperShard), timeout);
        return (await Guarded(client.GetResponse<TResponse>(request, cancellationToken))).Message;
    }

    static async Task<T> Guarded<T>(Task<T> response)
    {
        try
        {
            return await response;
        }
        catch (RequestTimeoutException)
        {
            throw ProblemException.Unavailable("The shard or worker that must answer this does not. See GET / for health; try again.");
        }
        catch (RequestFaultException e)
        {
            throw ProblemException.Unavailable("The shard or worker failed: " + e.Message);
        }
    }

    static ProblemException Refused<T>(Response<T, RequestRefused> answer)
        where T : class
    {
        if (!answer.Is(out Response<RequestRefused>? refused))
            return ProblemException.Unavailable("The answer was not understood.");
        return refused.Message.IsCallersFault
            ? ProblemException.OutOfRange(refused.Message.Reason)
            : ProblemException.Unavailable(refused.Message.Reason);
    }
}
