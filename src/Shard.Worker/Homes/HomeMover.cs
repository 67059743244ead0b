using MassTransit;
using VectorDb.Contracts;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Homes;

/// <summary>
/// Takes this process's shards through the steps of a change of their number (docs/decisions/0075), each as soon as the keeper says so:
/// the step is written into the shard's file, its work is done, the keeper is told. What a crash cut off is done again.
/// </summary>
public sealed class HomeMover(
    ShardSet shards, CollectionWatch collection, ElasticShards elastic, StepWork work, ILogger<HomeMover> logger) : BackgroundService
{
    /// <summary>How soon what is not done yet is looked at again.</summary>
    static readonly TimeSpan AgainAfter = TimeSpan.FromMilliseconds(250);

    /// <summary>The keeper tells of changes; who was away when it did asks.</summary>
    static readonly TimeSpan AskEvery = TimeSpan.FromSeconds(5);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (shards.HasReplicas || !await elastic.Opened.WaitAsync(stoppingToken))
            return;
        var asked = DateTime.MinValue;
        while (true)
        {
            if (DateTime.UtcNow - asked > AskEvery)
            {
                await TryAsync(() => collection.RefreshAsync(stoppingToken), "asking the keeper");
                asked = DateTime.UtcNow;
            }
            var changed = collection.Changed;
            if (collection.State is { } state)
                await FollowAsync(state, stoppingToken);
            var pause = collection.State?.Change is null ? AskEvery : AgainAfter;
            await Task.WhenAny(changed, Task.Delay(pause, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    async Task FollowAsync(CollectionState state, CancellationToken cancellationToken)
    {
        await TryAsync(() => elastic.FollowAsync(state, cancellationToken), "opening and closing shards");
        if (state.Change is { } change)
            await Task.WhenAll(shards.Open.Where(shard => shard.Number < ShardNumbers.Open(state) && !change.Done.Contains(shard.Number))
                .Select(shard => TryAsync(
                    () => StepAsync(shard, state, change, cancellationToken), $"step {change.Step} of shard {shard.Number}")));
    }

    async Task StepAsync(OwnedShard shard, CollectionState state, ShardChange change, CancellationToken cancellationToken)
    {
        await shard.AdoptAsync(HomeRule.Of(change), cancellationToken);
        if (await work.IsDoneAsync(shard, state, change, cancellationToken))
            await work.ReportAsync(shard, state, change, cancellationToken);
    }

    async Task TryAsync(Func<Task> attempt, string what)
    {
        try
        {
            await attempt();
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            logger.LogWarning("Changing the number of shards ({What}) is tried again in a moment: {Reason}", what, e.Message);
        }
    }
}

/// <summary>What a shard does in each step. Thread-safe.</summary>
public sealed class StepWork(IBus bus, HandOver handOver, Departure departure)
{
    /// <summary>True when the shard's part is done, false when it must be looked at again.</summary>
    public async Task<bool> IsDoneAsync(OwnedShard shard, CollectionState state, ShardChange change, CancellationToken cancellationToken)
    {
        if (change.Step == ShardChangeSteps.HandingOver)
            return await handOver.CopyAsync(shard, change, cancellationToken);
        if (change.Step == ShardChangeSteps.PassingOn)
            return true;
        // Once is enough, but after a start nobody knows of it; rows that move take longer in any case.
        if (state.Previous.Count > 0)
            return false;
        await Departure.ForgetOthersAsync(shard, change, cancellationToken);
        return shard.Number < change.To
            ? await departure.IsClearAsync(shard, change, cancellationToken)
            : await HasLeftAsync(shard, change, cancellationToken);
    }

    public async Task ReportAsync(OwnedShard shard, CollectionState state, ShardChange change, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Directory(ShardAddress.KeeperShard));
        await endpoint.Send(
            new ChangeStepFinished { Name = state.Shape.Name, Shard = shard.Number, Change = change.Number, Step = change.Step },
            cancellationToken);
    }

    /// <summary>No home names it: then nothing can come to it any more, and what it knows of operations is complete.</summary>
    async Task<bool> HasLeftAsync(OwnedShard shard, ShardChange change, CancellationToken cancellationToken)
    {
        var stats = shard.Engine.Stats;
        return Enumerable.Range(0, change.To).All(change.Done.Contains) && stats is { Points: 0, DirectoryEntries: 0 }
            && await handOver.CopyOutcomesAsync(shard, change, cancellationToken);
    }
}
