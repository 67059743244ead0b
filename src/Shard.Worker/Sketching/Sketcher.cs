using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Migration;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>
/// Makes the sketches of this process's shards in the background, one after the other, and tells routers when they change
/// (docs/decisions/0072). While rows move to where new centroids want them there is nothing to sketch: routers ask all shards then.
/// </summary>
public sealed class Sketcher(ShardSet shards, CollectionWatch collection, BusLink link, TimeProvider clock, ILogger<Sketcher> logger)
    : BackgroundService
{
    /// <summary>For about so long a router does not know of rows that are unlike all others of their shard.</summary>
    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(500);

    /// <summary>Then the broker is away, and routers ask again when it is back.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(3);

    /// <summary>Rests so many times as long as it works: a tenth of one core at most while a file is loaded.</summary>
    const int Rest = 9;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await link.Started.WaitAsync(stoppingToken);
        await Task.WhenAll(
            RepeatAsync(MakeAsync, "make", stoppingToken),
            RepeatAsync(TellAsync, "publish", stoppingToken));
    }

    async Task RepeatAsync(Func<OwnedShard, CollectionState, CancellationToken, Task> step, string verb, CancellationToken stoppingToken)
    {
        while (true)
        {
            foreach (var shard in shards.Open)
                if (collection.State is { Epoch: > 0, Previous.Count: 0 } state && shard.TakesPart)
                    await TryAsync(() => step(shard, state, stoppingToken), shard.Number, verb, stoppingToken);
            await Task.Delay(LookEvery, clock, stoppingToken);
        }
    }

    async Task TryAsync(Func<Task> step, int shard, string verb, CancellationToken stoppingToken)
    {
        try
        {
            await step();
        }
        catch (ObjectDisposedException)
        {
            // A replica that begins anew: its next life is another shard of the set.
        }
        catch (Exception e) when (!stoppingToken.IsCancellationRequested)
        {
            logger.LogWarning("Could not {Verb} the sketch of shard {Shard}; \"auto\" always asks a shard without one: {Reason}",
                verb, shard, e.Message);
        }
    }

    async Task MakeAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        var points = shard.Engine.Stats.Points;
        if (points == 0 || !shard.Sketch.IsDue(points, state.Epoch))
            return;
        var start = Stopwatch.GetTimestamp();
        await Task.Run(() => shard.Sketch.Make(shard.Engine, state.Epoch, cancellationToken), cancellationToken);
        await Task.Delay(Rest * Stopwatch.GetElapsedTime(start), clock, cancellationToken);
    }

    async Task TellAsync(OwnedShard shard, CollectionState state, CancellationToken cancellationToken)
    {
        if (shard.Sketch.Untold(state.Epoch, clock.GetUtcNow().ToUnixTimeMilliseconds()) is not { } sketch)
            return;
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        patience.CancelAfter(Patience);
        await link.PublishAsync(sketch, patience.Token);
    }
}
