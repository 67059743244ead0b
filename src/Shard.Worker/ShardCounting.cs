using VectorDb.Contracts;

namespace VectorDb.ShardWorker;

/// <summary>
/// How the keeper leads a change of the number of shards (docs/decisions/0075): pure functions of the collection's state.
/// </summary>
static class ShardCounting
{
    /// <summary>Why the change cannot be begun, with what to do; null if it can.</summary>
    public static string? Problem(CollectionState state, ChangeShardCount request) => request switch
    {
        { Count: < 1 or > Limits.ShardsMax } => $"{request.Count} shards are not possible; ask for 1 to {Limits.ShardsMax}.",
        _ when ShardCountChecks.Problem(state, request.Count) is { } problem => problem,
        _ when request.CentroidShards.Any(shard => shard < 0 || shard >= request.Count) =>
            $"The centroids are for other shards than 0 to {request.Count - 1}.",
        _ => null,
    };

    public static CollectionState Begun(CollectionState state, ChangeShardCount request) => state with
    {
        Change = new()
        {
            // Revisions only grow, and this is the one that the change gets.
            Number = state.Revision + 1,
            From = state.ShardCount,
            To = request.Count,
            Step = ShardChangeSteps.HandingOver,
            CentroidShards = request.CentroidShards,
            Centroids = request.Centroids,
            CentroidOffsets = request.CentroidOffsets,
            TrainedPoints = request.TrainedPoints,
        },
    };

    /// <summary>
    /// With a shard's report; the same state where it says nothing new. `withCentroids`: the state with these centroids as a new epoch.
    /// </summary>
    public static CollectionState Reported(
        CollectionState state, ChangeStepFinished report, Func<CollectionState, int[], byte[], float[], CollectionState> withCentroids)
    {
        if (state.Change is not { } change || change.Number != report.Change || change.Step != report.Step
            || change.Done.Contains(report.Shard))
            return state;
        int[] done = [.. change.Done.Append(report.Shard).Order()];
        if (Enumerable.Range(0, ShardNumbers.Open(state)).Except(done).Any())
            return state with { Change = change with { Done = done } };
        var next = change with { Step = change.Step + 1, Done = [] };
        return next.Step switch
        {
            ShardChangeSteps.PassingOn => state with { Change = next },
            ShardChangeSteps.Moving =>
                withCentroids(state, change.CentroidShards, change.Centroids, change.CentroidOffsets) with
                {
                    ShardCount = change.To,
                    TrainedPoints = change.TrainedPoints,
                    Change = next with { CentroidShards = [], Centroids = [], CentroidOffsets = [] },
                },
            _ => state with { Change = null },
        };
    }
}
