using System.Diagnostics;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Migration;

/// <summary>
/// After a change of centroids, takes this process's rows to where they belong now, in the background: page by page, one shard
/// after the other, resting as long as it works, so that searches keep at least half of the machine. A row that belongs where it
/// is only gets the new epoch; so what is left to do stands in the rows themselves, and a crash loses nothing of it. A shard that
/// has none left tells the keeper.
/// </summary>
public sealed class Migrator(
    ShardSet shards, CollectionWatch collection, MoveSender moves, Settler settler, ILogger<Migrator> logger) : BackgroundService
{
    /// <summary>Rows looked at together: one commit for those that stay, four messages at most for those that go.</summary>
    const int PageRows = 256;

    /// <summary>A row that comes late, placed by a router that had not heard of the change yet, waits at most so long.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(2);

    readonly Dictionary<int, int> _reported = [];

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Before that, a shard may hold an older row of an id whose newer one is elsewhere: moving it would bring it back.
        await settler.Settled.WaitAsync(stoppingToken);
        await AskKeeperAsync(stoppingToken);
        while (true)
        {
            var changed = collection.Changed;
            if (collection.State is { Epoch: > 0 } state)
                foreach (var shard in shards.Open)
                    await TryMigrateAsync(shard, state, stoppingToken);
            await Task.WhenAny(changed, Task.Delay(LookEvery, stoppingToken));
            stoppingToken.ThrowIfCancellationRequested();
        }
    }

    async Task AskKeeperAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                await collection.RefreshAsync(cancellationToken);
                return;
            }
            catch (Exception e) when (e is RequestException || DeliveryProblems.Explain(e) is not null)
            {
                await Task.Delay(LookEvery, cancellationToken);
            }
        }
    }

    async Task TryMigrateAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        try
        {
            if (shard.Engine.CountBefore(state.Epoch) > 0)
                await PassAsync(shard, state, cancellationToken);
            else if (state.Previous.Count > 0 && _reported.GetValueOrDefault(shard.Number) != state.Epoch)
                await ReportAsync(shard, state, cancellationToken);
        }
        catch (Exception) when (!shards.TryGet(shard.Number, out _))
        {
            // It has left meanwhile, empty.
        }
        catch (Exception e) when (e is not OperationCanceledException and not ObjectDisposedException)
        {
            logger.LogWarning("Moving rows of shard {Shard} is tried again in a moment: {Reason}", shard.Number, e.Message);
        }
    }

    /// <summary>Looks at each row of an earlier epoch once. What could not be moved is there for the next pass.</summary>
    async Task PassAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        var placement = new Placement(state);
        var position = RowPosition.Start;
        while (collection.State?.Epoch == state.Epoch
            && shard.Engine.RowsBefore(state.Epoch, position, PageRows) is { Count: > 0 } page)
        {
            var start = Stopwatch.GetTimestamp();
            var byStay = page.ToLookup(row => row.IsDamaged || placement.OwnerOf(row.Row.Vector, row.Row.Key.Span) == shard.Number);
            if (byStay[true].Any())
                await shard.Writer.WriteAsync(transaction => Keep(transaction, byStay[true], state.Epoch), cancellationToken);
            var leaving = byStay[false].Select(row => row.Row).ToList();
            if (leaving.Count > 0)
                await moves.MoveAsync(shard, state, leaving, cancellationToken);
            position = page[^1].Position;
            await Task.Delay(Stopwatch.GetElapsedTime(start), cancellationToken);
        }
        if (shard.Engine.CountBefore(state.Epoch) == 0 && collection.State?.Epoch == state.Epoch)
            await ReportAsync(shard, state, cancellationToken);
    }

    static bool Keep(ShardTransaction transaction, IEnumerable<EarlierRow> rows, int epoch)
    {
        foreach (var row in rows)
            transaction.SetEpoch(row.Row.Key, row.Row.Version, epoch);
        return true;
    }

    async Task ReportAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        await moves.ReportAsync(shard, state, cancellationToken);
        _reported[shard.Number] = state.Epoch;
    }
}
