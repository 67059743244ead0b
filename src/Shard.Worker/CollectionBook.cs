using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker;

/// <summary>Keeps the collections' states in the keeper shard. Changes are made one after another. Thread-safe.</summary>
public sealed class CollectionBook(ShardSet shards, VectorDbOptions options) : IDisposable
{
    /// <summary>Sets of centroids that searches follow at once: more would ask nearly every shard anyway.</summary>
    const int PastMax = 3;

    readonly SemaphoreSlim _oneAtATime = new(1);

    OwnedShard Keeper => shards[ShardAddress.KeeperShard];

    /// <summary>Null where there is no such collection.</summary>
    public CollectionState? Find(string name) => CollectionDocument.Read(Keeper.Engine, name);

    /// <summary>Makes the collection, or adds the model to one that has none; else gives back what there is.</summary>
    public Task<CollectionState> DefineAsync(CollectionShape shape, CancellationToken cancellationToken) =>
        ChangeAsync(shape.Name, state => state switch
        {
            null => new() { Shape = shape, ShardCount = options.Shards },
            { Shape.Model: null } when shape.Model is not null && shape.Dimensions == state.Shape.Dimensions =>
                state with { Shape = state.Shape with { Model = shape.Model, ModelChecksum = shape.ModelChecksum } },
            _ => state,
        }, cancellationToken)!;

    /// <summary>Replaces the centroids as a new epoch. The state, or why that cannot be.</summary>
    public Task<(CollectionState? State, string? Refusal)> SetCentroidsAsync(SetCentroids request, CancellationToken cancellationToken) =>
        TryChangeAsync(
            request.Name,
            state => state.Change is not null
                ? "The number of shards is being changed, which brings centroids of its own: wait until GET /shards shows it done."
                : request.CentroidShards.Any(shard => shard >= state.ShardCount)
                    ? $"These centroids are for other shards than 0 to {state.ShardCount - 1}: train again."
                    : null,
            state => WithCentroids(state, request.CentroidShards, request.Centroids, request.CentroidOffsets) with
            {
                TrainedPoints = request.TrainedPoints,
            },
            cancellationToken);

    /// <summary>Begins a change of the number of shards. The state, or why that cannot be.</summary>
    public Task<(CollectionState? State, string? Refusal)> ChangeCountAsync(
        ChangeShardCount request, CancellationToken cancellationToken) =>
        TryChangeAsync(
            request.Name,
            state => options.Replicas > 1
                ? "Shards have replicas here (VectorDb__Replicas), and their number cannot be changed then."
                : ShardCounting.Problem(state, request),
            state => ShardCounting.Begun(state, request),
            cancellationToken);

    /// <summary>A shard has done its part of a step. Returns the state where this changed it.</summary>
    public async Task<CollectionState?> StepFinishedAsync(ChangeStepFinished report, CancellationToken cancellationToken)
    {
        var before = Find(report.Name);
        var after = await ChangeAsync(
            report.Name, state => state is null ? null : ShardCounting.Reported(state, report, WithCentroids), cancellationToken);
        return after?.Revision == before?.Revision ? null : after;
    }

    static CollectionState WithCentroids(CollectionState state, int[] shards, byte[] centroids, float[] offsets) => state with
    {
        Epoch = state.Epoch + 1,
        Previous = Past(state),
        MigratedShards = [],
        CentroidShards = shards,
        Centroids = centroids,
        CentroidOffsets = offsets,
        TrainedPoints = null,
    };

    /// <summary>
    /// A shard has no row left of earlier epochs. With the last of them the earlier centroids are forgotten. Returns the state where
    /// this changed it.
    /// </summary>
    public async Task<CollectionState?> MigratedAsync(ShardMigrated report, CancellationToken cancellationToken)
    {
        var before = Find(report.Name);
        var after = await ChangeAsync(report.Name, state => state is null ? null : Without(state, report), cancellationToken);
        return after?.Revision == before?.Revision ? null : after;
    }

    static CollectionState Without(CollectionState state, ShardMigrated report)
    {
        if (report.Epoch != state.Epoch || state.Previous.Count == 0 || state.MigratedShards.Contains(report.Shard))
            return state;
        int[] done = [.. state.MigratedShards.Append(report.Shard).Order()];
        return Enumerable.Range(0, ShardNumbers.InUse(state)).Except(done).Any()
            ? state with { MigratedShards = done }
            : state with { Previous = [], MigratedShards = [] };
    }

    /// <summary>
    /// The centroids of this state join those that are still in use. Of many changes in a row the details are dropped: a set without
    /// centroids stands for "anywhere".
    /// </summary>
    static IReadOnlyList<PastPlacement> Past(CollectionState state)
    {
        if (state.Previous.Count >= PastMax)
            return [new() { Epoch = state.Epoch }];
        return
        [
            .. state.Previous,
            new()
            {
                Epoch = state.Epoch,
                CentroidShards = state.CentroidShards,
                Centroids = state.Centroids,
                CentroidOffsets = state.CentroidOffsets,
            },
        ];
    }

    /// <summary>`problem`: why the change is not made; null to make it.</summary>
    async Task<(CollectionState? State, string? Refusal)> TryChangeAsync(
        string name, Func<CollectionState, string?> problem, Func<CollectionState, CollectionState> change,
        CancellationToken cancellationToken)
    {
        string? refusal = null;
        var state = await ChangeAsync(
            name,
            state =>
            {
                refusal = state is null ? $"There is no collection '{name}'; store a point first." : problem(state);
                return refusal is null ? change(state!) : state;
            },
            cancellationToken);
        return (state, refusal);
    }

    public void Dispose() => _oneAtATime.Dispose();

    async Task<CollectionState?> ChangeAsync(
        string name, Func<CollectionState?, CollectionState?> change, CancellationToken cancellationToken)
    {
        await _oneAtATime.WaitAsync(cancellationToken);
        try
        {
            // Read inside the change: among replicas the one that decides has the latest state then, and not necessarily before.
            return await Keeper.Directory.ChangeAsync(transaction => Change(transaction, name, change), cancellationToken);
        }
        finally
        {
            _oneAtATime.Release();
        }
    }

    CollectionState? Change(ShardTransaction transaction, string name, Func<CollectionState?, CollectionState?> change)
    {
        var before = Find(name);
        var after = change(before);
        if (after is null || ReferenceEquals(before, after))
            return after;
        after = after with { Revision = (before?.Revision ?? 0) + 1 };
        CollectionDocument.Write(transaction, after);
        return after;
    }
}
