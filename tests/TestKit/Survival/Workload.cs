using System.Diagnostics;
using System.Net;
using System.Numerics.Tensors;
using VectorDb.TestKit.Serving;

namespace VectorDb.TestKit.Survival;

/// <summary>
/// Clients that store, overwrite, delete, read and search at once, all on the same ids and through any of the APIs. Most overwrites
/// change the owner of a point: that is where a crash can leave two rows, or none.
/// </summary>
public sealed class Workload(Doors doors, Ledger ledger, WorkloadRules rules)
{
    const int BatchMax = 100;

    /// <summary>Scores are float32 sums of 16 products.</summary>
    const float ScoreTolerance = 1e-4f;

    /// <summary>Before a client tries again where nobody answers.</summary>
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(50);

    /// <summary>Returns when it is over, or where that is not asked, when every client has met the end of the server.</summary>
    public Task RunAsync(int seed, int clients) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunClientAsync(new Random(seed + client)))));

    async Task RunClientAsync(Random random)
    {
        while (rules.IsOver?.Invoke() != true)
            try
            {
                await StepAsync(random, doors.Any(random));
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                ledger.Count(e is TaskCanceledException ? "no answer in time" : "connection broken");
                if (!rules.IsTroubled())
                    ledger.Report($"A server broke off though nobody disturbed it: {e.Message}");
                if (rules.IsOver is null)
                    return;
                await Task.Delay(Pause);
            }
            catch (Exception e)
            {
                ledger.Report($"A client failed: {e}");
                return;
            }
    }

    Task StepAsync(Random random, Api api) => random.Next(100) switch
    {
        < 35 => StoreManyAsync(random, api),
        < 55 => StoreOneAsync(random, api, "store"),
        < 60 when rules.DoShardsChange && !rules.DoCentroidsChangeToo => StoreOneAsync(random, api, "store"),
        < 60 when ledger.IsMoving => ChangeCentroidsAsync(random, api),
        < 60 => StorePinnedAsync(random),
        < 63 => StoreWithoutWaitingAsync(random, api),
        < 75 => DeleteAsync(random, api),
        < 88 => GetAsync(random, api),
        _ => SearchAsync(random, api),
    };

    async Task StoreManyAsync(Random random, Api api)
    {
        var points = Enumerable.Range(0, random.Next(1, BatchMax)).Select(_ => Any(random)).Distinct().ToList();
        var before = points.ConvertAll(point => point.Floor);
        var attempts = points.ConvertAll(point => ledger.Store(point, Ledger.Direction(random)));
        var answer = await api.PostAsync("store", new { points = points.Zip(attempts, BodyOf) });
        if (!IsDone("store of many", answer, HttpStatusCode.OK))
            return;
        foreach (var (i, stored) in answer["points"].EnumerateArray().Index())
            ledger.Acknowledge(points[i], attempts[i], stored.GetProperty("version").GetInt64(), before[i]);
    }

    async Task StoreOneAsync(Random random, Api api, string path, int? pinned = null)
    {
        var point = Any(random);
        var before = point.Floor;
        var attempt = ledger.Store(point, Ledger.Direction(random), pinned);
        var answer = await api.PostAsync(path, BodyOf(point, attempt));
        if (IsDone(pinned is null ? "store" : "store in a shard", answer, HttpStatusCode.OK))
            ledger.Acknowledge(point, attempt, answer["version"].GetInt64(), before);
    }

    Task StorePinnedAsync(Random random)
    {
        var shard = random.Next(Ledger.Shards);
        return StoreOneAsync(random, doors.Shards[shard].Api, doors.Shards[shard].Path + "store", shard);
    }

    /// <summary>
    /// Now and then: each change starts a move of most points. Where shards come and go, their number may be another by then, or just
    /// changing, and then it is refused.
    /// </summary>
    async Task ChangeCentroidsAsync(Random random, Api api)
    {
        if (random.Next(rules.DoShardsChange ? 60 : 20) > 0)
            return;
        var count = Ledger.Shards;
        if (rules.DoShardsChange && (await api.GetAsync("shards")) is { IsSuccess: true } shards)
            count = shards["count"].GetInt32();
        var centroids = Enumerable.Range(0, count).ToDictionary(shard => $"{shard}", _ => Ledger.Direction(random));
        var answer = await api.PostAsync("set_centroids", centroids);
        if (rules.DoShardsChange && answer.Status is HttpStatusCode.Conflict or HttpStatusCode.BadRequest)
            ledger.Count("change of centroids: refused");
        else
            IsDone("change of centroids", answer, HttpStatusCode.OK);
    }

    async Task StoreWithoutWaitingAsync(Random random, Api api)
    {
        var fresh = rules.KeepsAccepted ? ledger.NextFresh() : null;
        var point = fresh ?? Any(random);
        var attempt = ledger.Store(point, Ledger.Direction(random));
        var answer = await api.PostAsync("store", new { points = new[] { BodyOf(point, attempt) }, wait = false });
        if (IsDone("store without waiting", answer, HttpStatusCode.Accepted) && answer["durable"].GetBoolean())
            fresh?.Accept();
    }

    async Task DeleteAsync(Random random, Api api)
    {
        var point = Any(random);
        var before = point.Floor;
        var attempt = ledger.Delete(point);
        var answer = await api.DeleteAsync($"points/{Uri.EscapeDataString(point.Key)}");
        if (answer.Status == HttpStatusCode.NotFound)
            ledger.Report(point.ProblemWhenMissing(before));
        else if (IsDone("delete", answer, HttpStatusCode.OK))
            ledger.Acknowledge(point, attempt, answer["version"].GetInt64(), before);
    }

    async Task GetAsync(Random random, Api api)
    {
        var point = Any(random);
        var before = point.Floor;
        var answer = await api.GetAsync($"get/{Uri.EscapeDataString(point.Key)}");
        if (answer.Status == HttpStatusCode.NotFound)
            ledger.Report(point.ProblemWhenMissing(before));
        else if (IsDone("get", answer, HttpStatusCode.OK))
            ledger.Report(point.Problem(Ledger.RowOf(answer.Json), before, seenBy: "a get"));
    }

    /// <summary>
    /// A search while points move may miss one of them (docs/architecture.md); what it shows must be right, new enough and there
    /// once, and it must answer by its deadline whatever else is broken.
    /// </summary>
    async Task SearchAsync(Random random, Api api)
    {
        var start = Stopwatch.GetTimestamp();
        try
        {
            await SearchOnceAsync(random, api);
        }
        catch (TaskCanceledException) when (!rules.WasDisturbed(api, start))
        {
            ledger.Report($"A search has no answer after {Stopwatch.GetElapsedTime(start).TotalSeconds:0} s, far beyond its deadline");
        }
    }

    async Task SearchOnceAsync(Random random, Api api)
    {
        var query = Ledger.Direction(random);
        object shards = random.Next(3) switch { 0 => 1, 1 => 2, _ => "all" };
        var floors = ledger.Floors();
        var answer = await api.PostAsync(
            "search", new { query_vector = query, top_k = 20, shards_to_search = shards, with_vector = true, exact = true });
        if (!IsDone("search", answer, HttpStatusCode.OK))
            return;
        if (answer["partial"].GetBoolean())
        {
            ledger.Count("search: partial");
            if (!rules.IsTroubled())
                ledger.Report($"A search was partial though nothing was disturbed: {answer["shards"]}");
        }
        var seen = new HashSet<string>();
        foreach (var result in answer["results"].EnumerateArray())
        {
            var row = Ledger.RowOf(result);
            if (!seen.Add(row.Key))
                ledger.Report($"{row.Key} is twice in one answer");
            ledger.Report(ledger.Find(row.Key) is { } point
                ? point.Problem(row, floors[row.Key], seenBy: "a search")
                : $"{row.Key} was never stored");
            var score = TensorPrimitives.Dot<float>(query, row.Vector);
            if (!(Math.Abs(score - result.GetProperty("score").GetSingle()) < ScoreTolerance))
                ledger.Report($"{row.Key} has the score {result.GetProperty("score")} and should have {score}");
        }
    }

    PointHistory Any(Random random) => ledger.Shared[random.Next(ledger.Shared.Count)];

    static object BodyOf(PointHistory point, Attempt attempt) =>
        new { id = point.Id, vector = attempt.Vector, payload = new { attempt = attempt.Number } };

    /// <summary>A system in trouble may refuse; what it refused may or may not have happened.</summary>
    bool IsDone(string operation, Answer answer, HttpStatusCode expected)
    {
        ledger.Count($"{operation}: {(int)answer.Status}");
        if (answer.Status == expected)
            return true;
        var isRefusal = answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests;
        if (!(isRefusal && rules.IsTroubled()))
            ledger.Report($"A {operation} is answered {(int)answer.Status}: {answer.Body}");
        return false;
    }
}
