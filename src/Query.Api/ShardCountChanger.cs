using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>
/// Begins changes of the number of shards: refuses what cannot be, trains centroids for the new number, asks the keeper. What follows
/// does not need this process (docs/decisions/0075). Thread-safe.
/// </summary>
public sealed class ShardCountChanger(IBus bus, CollectionKeeper keeper, ClusterView view, ShardSurvey survey, VectorDbOptions options)
{
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 10);

    /// <summary>As <see cref="TrainBody.Sample"/>.</summary>
    const double SampleShare = 0.1;

    /// <summary>Completes when the change has begun and is on disk.</summary>
    /// <exception cref="ProblemException">422: not a number of shards; 409: not now, with what to do; 503: somebody is away.</exception>
    public async Task BeginAsync(int count, CancellationToken cancellationToken)
    {
        if (count is < 1 or > Limits.ShardsMax)
            throw ProblemException.OutOfRange($"count is {count}; give 1 to {Limits.ShardsMax}.");
        await keeper.RefreshAsync(cancellationToken);
        var state = view.Collection ?? throw ProblemException.Conflict("Nothing is stored yet, so there is nothing to share out: start "
            + $"on an empty folder with {count} shards (vectordb serve --shards {count}, or VectorDb__Shards={count}), "
            + "or store a point first.");
        Require(state, count);
        var request = new ChangeShardCount { Name = state.Shape.Name, Count = count };
        if (state.CentroidShards.Length > 0 && await PointsAsync(cancellationToken) is var points && points >= count)
            request = (await WithCentroidsAsync(request, state, cancellationToken)) with { TrainedPoints = points };
        await AskAsync(request, cancellationToken);
    }

    void Require(CollectionState state, int count)
    {
        if (ShardCountChecks.Problem(state, count) is { } problem)
            throw ProblemException.Conflict(problem);
        if (Enumerable.Range(0, state.ShardCount).Any(shard => view.ReplicaCount(shard) > 1))
            throw ProblemException.Conflict("Shards have replicas here (VectorDb__Replicas), and their number cannot be changed then "
                + "(docs/operations.md, scale out and in).");
        var missing = Enumerable.Range(0, state.ShardCount).Where(shard => !view.IsPresent(shard)).ToList();
        if (missing.Count > 0)
            throw ProblemException.Unavailable($"Shard {string.Join(", ", missing)} does not answer, and every shard takes part in this: "
                + "start its worker, then try again.");
        RequireAdded(state.ShardCount, count);
    }

    /// <summary>A process that owns all shards opens more by itself; elsewhere somebody must own them before points go there.</summary>
    void RequireAdded(int before, int count)
    {
        if (options.Transport == TransportKind.InMemory && string.IsNullOrWhiteSpace(options.OwnedShards))
            return;
        var missing = Enumerable.Range(0, count).Skip(before).Where(shard => !view.IsPresent(shard)).ToList();
        if (missing.Count > 0)
            throw ProblemException.Conflict($"No worker owns shard {string.Join(", ", missing)}: start a shard worker with "
                + $"VectorDb__OwnedShards={string.Join(",", missing)} and VectorDb__Shards={count} first, then try again.");
    }

    async Task<long> PointsAsync(CancellationToken cancellationToken) =>
        (await survey.AskAllAsync(cancellationToken)).Sum(shard => shard?.Points ?? 0);

    /// <summary>Before anything is changed, so that nothing waits for the training.</summary>
    async Task<ChangeShardCount> WithCentroidsAsync(ChangeShardCount request, CollectionState state, CancellationToken cancellationToken)
    {
        var trained = await keeper.TrainAsync(
            new()
            {
                Dimensions = state.Shape.Dimensions,
                Metric = state.Shape.Metric,
                ShardCount = request.Count,
                SampledShards = state.ShardCount,
                StoredShare = SampleShare,
            },
            cancellationToken);
        return request with
        {
            CentroidShards = [.. Enumerable.Range(0, request.Count)],
            Centroids = trained.Centroids,
            CentroidOffsets = trained.Offsets,
        };
    }

    async Task AskAsync(ChangeShardCount request, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<ChangeShardCount>(ShardAddress.Directory(ShardAddress.KeeperShard), Timeout);
        try
        {
            var answer = await client.GetResponse<ShardCountChanging, RequestRefused>(request, cancellationToken);
            if (!answer.Is(out Response<ShardCountChanging>? changing))
                throw ProblemException.Conflict(answer.Is(out Response<RequestRefused>? refused)
                    ? refused.Message.Reason
                    : "The keeper's answer was not understood; look at GET /shards.");
            view.Note(changing.Message.State);
        }
        catch (RequestTimeoutException)
        {
            throw ProblemException.Unavailable("Shard 0, which keeps the number of shards, does not answer. The change may have begun "
                + "all the same: look at GET /shards.");
        }
        catch (RequestFaultException e)
        {
            throw ProblemException.Unavailable("Shard 0 could not begin the change: " + e.Message);
        }
    }
}
