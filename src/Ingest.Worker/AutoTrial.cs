using System.Diagnostics;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Choosing;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>
/// Searches all shards for the neighbours of some stored points, and lets "auto" leave out what none of them needed. Done when sketches
/// have settled after a change of centroids, and when the collection has grown by a quarter since; until then "auto" is careful.
/// </summary>
public sealed class AutoTrial(IBus bus, BusLink link, PlacementView placement, SketchBook sketches, ILogger<AutoTrial> logger)
    : BackgroundService
{
    /// <summary>A thousand searches once in a while: some seconds of one core with a hundred thousand points.</summary>
    public const int Searches = 1_024;

    /// <summary>With fewer rows all shards together are searched in no time.</summary>
    const int RowsLeast = 1_000;

    const double Growth = 1.25;

    /// <summary>Between two looks: sketches tell of 2 % more rows at once.</summary>
    const double SettledGrowth = 0.01;

    static readonly TimeSpan LookEvery = TimeSpan.FromSeconds(5);

    /// <summary>After a trial that failed: something is down, or of an older version.</summary>
    static readonly TimeSpan FailurePause = TimeSpan.FromMinutes(2);

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 30);

    (int Epoch, double Rows) _tried;
    (int Epoch, double Rows) _seen;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await link.Started.WaitAsync(stoppingToken);
        while (true)
        {
            var pause = LookEvery;
            try
            {
                await LookAsync(stoppingToken);
            }
            catch (Exception e) when (!stoppingToken.IsCancellationRequested)
            {
                pause = FailurePause;
                logger.LogInformation(
                    "What \"auto\" may leave out is not known better than before: {Reason} Tried again in two minutes.",
                    DeliveryProblems.Explain(e)?.Message ?? e.Message);
            }
            await Task.Delay(pause, stoppingToken);
        }
    }

    async Task LookAsync(CancellationToken stoppingToken)
    {
        if (placement.Latest is not { CanLeaveOut: true } router)
            return;
        var now = (router.State.Epoch, sketches.GuessOf(router.State).Rows);
        var isSettled = now.Epoch == _seen.Epoch && Math.Abs(now.Rows - _seen.Rows) <= SettledGrowth * now.Rows;
        _seen = now;
        var isKnown = now.Epoch == _tried.Epoch && now.Rows < _tried.Rows * Growth && now.Rows > _tried.Rows / Growth;
        if (!isSettled || isKnown || now.Rows < RowsLeast)
            return;
        var start = Stopwatch.GetTimestamp();
        var searches = await DrawAsync(router.State, stoppingToken);
        await SearchAsync(router.State, searches, stoppingToken);
        var shares = searches.SelectMany(search => router.SharesOf(search.Query, search.Owners())).ToArray();
        var bound = AutoBound.Find(shares);
        sketches.NoteBound(router.State.Epoch, bound);
        _tried = now;
        logger.LogDebug(
            "\"auto\" asks shards that are expected to have {Bound:0.0e0} of a wanted point or more: so {Recall:0.0000} of {Count} "
            + "neighbours of stored points are found ({Seconds:0.0} s)",
            bound, shares.Count(share => share >= bound) / (double)shares.Length, shares.Length,
            Stopwatch.GetElapsedTime(start).TotalSeconds);
    }

    /// <summary>About as many stored points of each shard.</summary>
    async Task<List<TrialSearch>> DrawAsync(CollectionState state, CancellationToken stoppingToken)
    {
        var searches = new List<TrialSearch>();
        var count = (Searches + state.ShardCount - 1) / state.ShardCount;
        var isEuclid = state.Shape.Metric == "Euclid";
        for (var shard = 0; shard < state.ShardCount; shard++)
        {
            var drawn = await AskAsync<SampleVectors, VectorsSampled>(
                shard, new() { Shard = shard, Count = count, Seed = state.Epoch }, stoppingToken);
            foreach (var vector in StoredSample.Split(drawn.Vectors, state.Shape.Dimensions))
                searches.Add(new(vector, shard, isEuclid));
        }
        return searches;
    }

    /// <summary>One message at a time, so that the searches of users hardly wait.</summary>
    async Task SearchAsync(CollectionState state, List<TrialSearch> searches, CancellationToken stoppingToken)
    {
        var part = Math.Max(1, Limits.BatchBytesMax / (state.Shape.Dimensions * sizeof(float)));
        foreach (var some in searches.Chunk(part))
        {
            byte[] vectors = [.. some.SelectMany(search => VectorBytes.From(search.Query))];
            for (var shard = 0; shard < state.ShardCount; shard++)
            {
                var found = await AskAsync<FindScores, ScoresFound>(
                    shard, new() { Shard = shard, Vectors = vectors, TopK = TrialSearch.ScoresAsked }, stoppingToken);
                var scores = VectorBytes.ToFloats(found.Scores);
                for (var i = 0; i < some.Length && scores.Length > 0; i++)
                    some[i].Note(shard, scores.AsSpan(i * TrialSearch.ScoresAsked, TrialSearch.ScoresAsked));
            }
        }
    }

    async Task<TAnswer> AskAsync<TQuestion, TAnswer>(int shard, TQuestion question, CancellationToken stoppingToken)
        where TQuestion : class
        where TAnswer : class
    {
        var client = bus.CreateRequestClient<TQuestion>(ShardAddress.Search(shard), Timeout);
        return (await client.GetResponse<TAnswer>(question, stoppingToken)).Message;
    }
}
