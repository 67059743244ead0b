using System.Net;
using System.Numerics.Tensors;
using VectorDb.EndToEnd.Tests.Serving;

namespace VectorDb.EndToEnd.Tests.Survival;

/// <summary>
/// Clients that store, overwrite, delete, read and search at once, all on the same ids, until the server is gone. Most overwrites
/// change the owner of a point: that is where a crash can leave two rows, or none.
/// </summary>
sealed class Workload(Api api, Ledger ledger, Func<bool> isEnding)
{
    const int BatchMax = 100;

    /// <summary>Scores are float32 sums of 16 products.</summary>
    const float ScoreTolerance = 1e-4f;

    /// <summary>Returns when every client has met the end of the server.</summary>
    public Task RunAsync(int seed, int clients) =>
        Task.WhenAll(Enumerable.Range(0, clients).Select(client => Task.Run(() => RunClientAsync(new Random(seed + client)))));

    async Task RunClientAsync(Random random)
    {
        try
        {
            while (true)
                await StepAsync(random);
        }
        catch (Exception e) when (e is HttpRequestException or IOException)
        {
            if (!isEnding())
                ledger.Report($"The server broke off though nobody stopped it: {e.Message}");
        }
        catch (Exception e)
        {
            ledger.Report($"A client failed: {e}");
        }
    }

    Task StepAsync(Random random) => random.Next(100) switch
    {
        < 35 => StoreManyAsync(random),
        < 55 => StoreOneAsync(random, "store"),
        < 60 when ledger.IsMoving => ChangeCentroidsAsync(random),
        < 60 => StorePinnedAsync(random),
        < 63 => StoreWithoutWaitingAsync(random),
        < 75 => DeleteAsync(random),
        < 88 => GetAsync(random),
        _ => SearchAsync(random),
    };

    async Task StoreManyAsync(Random random)
    {
        var points = Enumerable.Range(0, random.Next(1, BatchMax)).Select(_ => Any(random)).Distinct().ToList();
        var before = points.ConvertAll(point => point.Floor);
        var attempts = points.ConvertAll(point => ledger.Store(point, Ledger.Direction(random)));
        var answer = await api.PostAsync("store", new { points = points.Zip(attempts, BodyOf) });
        if (!IsDone(answer, HttpStatusCode.OK))
            return;
        foreach (var (i, stored) in answer["points"].EnumerateArray().Index())
            ledger.Acknowledge(points[i], attempts[i], stored.GetProperty("version").GetInt64(), before[i]);
    }

    async Task StoreOneAsync(Random random, string path, int? pinned = null)
    {
        var point = Any(random);
        var before = point.Floor;
        var attempt = ledger.Store(point, Ledger.Direction(random), pinned);
        var answer = await api.PostAsync(path, BodyOf(point, attempt));
        if (IsDone(answer, HttpStatusCode.OK))
            ledger.Acknowledge(point, attempt, answer["version"].GetInt64(), before);
    }

    Task StorePinnedAsync(Random random)
    {
        var shard = random.Next(Ledger.Shards);
        return StoreOneAsync(random, $"shards/{shard}/store", shard);
    }

    /// <summary>Now and then: each change starts a move of most points.</summary>
    async Task ChangeCentroidsAsync(Random random)
    {
        if (random.Next(20) > 0)
            return;
        var centroids = Enumerable.Range(0, Ledger.Shards).ToDictionary(shard => $"{shard}", _ => Ledger.Direction(random));
        IsDone(await api.PostAsync("set_centroids", centroids), HttpStatusCode.OK);
    }

    async Task StoreWithoutWaitingAsync(Random random)
    {
        var point = Any(random);
        var attempt = ledger.Store(point, Ledger.Direction(random));
        IsDone(await api.PostAsync("store", new { points = new[] { BodyOf(point, attempt) }, wait = false }), HttpStatusCode.Accepted);
    }

    async Task DeleteAsync(Random random)
    {
        var point = Any(random);
        var before = point.Floor;
        var attempt = ledger.Delete(point);
        var answer = await api.DeleteAsync($"points/{Uri.EscapeDataString(point.Key)}");
        if (answer.Status == HttpStatusCode.NotFound)
            ledger.Report(point.ProblemWhenMissing(before));
        else if (IsDone(answer, HttpStatusCode.OK))
            ledger.Acknowledge(point, attempt, answer["version"].GetInt64(), before);
    }

    async Task GetAsync(Random random)
    {
        var point = Any(random);
        var before = point.Floor;
        var answer = await api.GetAsync($"get/{Uri.EscapeDataString(point.Key)}");
        if (answer.Status == HttpStatusCode.NotFound)
            ledger.Report(point.ProblemWhenMissing(before));
        else if (IsDone(answer, HttpStatusCode.OK))
            ledger.Report(point.Problem(Ledger.RowOf(answer.Json), before));
    }

    /// <summary>
    /// A search while points move may miss one of them (docs/architecture.md); what it shows must be right, new enough and there once.
    /// </summary>
    async Task SearchAsync(Random random)
    {
        var query = Ledger.Direction(random);
        object shards = random.Next(3) switch { 0 => 1, 1 => 2, _ => "all" };
        var floors = ledger.Floors();
        var answer = await api.PostAsync(
            "search", new { query_vector = query, top_k = 20, shards_to_search = shards, with_vector = true, exact = true });
        if (!IsDone(answer, HttpStatusCode.OK))
            return;
        var seen = new HashSet<string>();
        foreach (var result in answer["results"].EnumerateArray())
        {
            var row = Ledger.RowOf(result);
            if (!seen.Add(row.Key))
                ledger.Report($"{row.Key} is twice in one answer");
            ledger.Report(ledger.Find(row.Key) is { } point ? point.Problem(row, floors[row.Key]) : $"{row.Key} was never stored");
            var score = TensorPrimitives.Dot<float>(query, row.Vector);
            if (!(Math.Abs(score - result.GetProperty("score").GetSingle()) < ScoreTolerance))
                ledger.Report($"{row.Key} has the score {result.GetProperty("score")} and should have {score}");
        }
    }

    PointHistory Any(Random random) => ledger.Points[random.Next(ledger.Points.Count)];

    static object BodyOf(PointHistory point, Attempt attempt) =>
        new { id = point.Id, vector = attempt.Vector, payload = new { attempt = attempt.Number } };

    /// <summary>A server that is being stopped may refuse; what it refused may or may not have happened.</summary>
    bool IsDone(Answer answer, HttpStatusCode expected)
    {
        if (answer.Status == expected)
            return true;
        if (!(isEnding() && answer.Status is HttpStatusCode.ServiceUnavailable))
            ledger.Report($"Answered {(int)answer.Status}: {answer.Body}");
        return false;
    }
}
