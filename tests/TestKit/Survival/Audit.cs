using System.Diagnostics;
using System.Net;
using System.Numerics.Tensors;
using VectorDb.TestKit.Serving;

namespace VectorDb.TestKit.Survival;

/// <summary>
/// Compares a system on which nothing is under way with the ledger, point by point and search by search, and then makes what it
/// saw the ledger's only truth.
/// </summary>
public sealed class Audit(Doors doors, Ledger ledger)
{
    const int GetsAtOnce = 8;
    const int Queries = 4;
    const float ScoreTolerance = 1e-4f;

    /// <summary>What is compared is what is stored, not how soon a busy machine says so.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    int _turn;

    Api NextApi => doors.Apis[(Interlocked.Increment(ref _turn) & int.MaxValue) % doors.Apis.Count];

    public async Task RunAsync(Random random)
    {
        var shardOf = await ListAsync();
        var rows = new Dictionary<string, Row>();
        foreach (var chunk in ledger.Points.Chunk(GetsAtOnce))
            foreach (var row in await Task.WhenAll(chunk.Select(point => GetAsync(point, shardOf))))
                if (row is not null)
                    rows[row.Key] = row;
        foreach (var api in doors.Apis)
            await CompareStatusAsync(api, rows.Count);
        for (var i = 0; i < Queries; i++)
            await CompareSearchesAsync(Ledger.Direction(random), rows);
        foreach (var point in ledger.Points)
            point.Settle(rows.GetValueOrDefault(point.Key));
    }

    /// <summary>The shard of each id; an id in two shards is a violation.</summary>
    async Task<Dictionary<string, int>> ListAsync()
    {
        var shardOf = new Dictionary<string, int>();
        for (var shard = 0; shard < doors.Shards.Count; shard++)
            foreach (var id in await doors.Shards[shard].ListIdsAsync(pageSize: 37))
                if (!shardOf.TryAdd(id.ToString(), shard))
                    ledger.Report($"{id} is in shard {shardOf[id.ToString()]} and in shard {shard}");
        foreach (var key in shardOf.Keys.Where(key => ledger.Find(key) is null))
            ledger.Report($"{key} is listed and was never stored");
        return shardOf;
    }

    async Task<Row?> GetAsync(PointHistory point, Dictionary<string, int> shardOf)
    {
        var isListed = shardOf.TryGetValue(point.Key, out var shard);
        var answer = await AskAsync(api => api.GetAsync($"get/{Uri.EscapeDataString(point.Key)}"));
        if (answer.Status == HttpStatusCode.NotFound)
        {
            ledger.Report(point.ProblemWhenMissingAtRest());
            if (isListed)
                ledger.Report($"{point.Key} is listed by shard {shard} and not found by its id");
            return null;
        }
        if (!answer.IsSuccess)
        {
            ledger.Report($"{point.Key} cannot be read: {answer.Body}");
            return null;
        }
        var row = Ledger.RowOf(answer.Json);
        ledger.Report(point.Problem(row, point.Floor, seenBy: "a get at rest"));
        if (!isListed || shard != row.Shard)
            ledger.Report($"{point.Key} is found in shard {row.Shard} and listed by {(isListed ? $"shard {shard}" : "none")}");
        return row;
    }

    async Task CompareStatusAsync(Api api, int count)
    {
        var status = await AskAsync(api, ask => ask.GetAsync(""), answer => answer["health"].GetString() != "ready");
        if (status.Expect()["points"].GetInt64() != count || status["health"].GetString() != "ready")
            ledger.Report($"GET / counts {status["points"]} points and is {status["health"]}; {count} points were found by their ids");
    }

    async Task CompareSearchesAsync(float[] query, Dictionary<string, Row> rows)
    {
        Compare(query, await SearchAsync(query, rows.Count + 10, "all"), rows.Values, "all shards, everything");
        foreach (var shards in new object[] { 1, 2, 3, "all" })
        {
            // Everything that the asked shards hold says which were asked; then the ten best of them can be told exactly.
            var everything = await SearchAsync(query, rows.Count + 10, shards);
            var asked = everything.Select(hit => hit.Row.Shard).ToHashSet();
            var held = rows.Values.Where(row => asked.Contains(row.Shard)).ToList();
            Compare(query, everything, held, $"{shards} shards, everything");
            Compare(query, await SearchAsync(query, 10, shards), held, $"{shards} shards, 10 best", 10);
        }
    }

    void Compare(float[] query, List<(Row Row, float Score)> hits, IEnumerable<Row> held, string what, int top = int.MaxValue)
    {
        var expected = held.Select(row => (row.Key, Score: TensorPrimitives.Dot<float>(query, row.Vector)))
            .OrderByDescending(pair => pair.Score).Take(top).ToList();
        if (hits.Count != expected.Count)
            ledger.Report($"Search ({what}) finds {hits.Count} points, not {expected.Count}: missing "
                + string.Join(", ", expected.Select(pair => pair.Key).Except(hits.Select(hit => hit.Row.Key)).Take(3))
                + "; too many " + string.Join(", ", hits.Select(hit => hit.Row.Key).Except(expected.Select(pair => pair.Key)).Take(3)));
        foreach (var ((row, score), wanted) in hits.Zip(expected))
        {
            var exact = TensorPrimitives.Dot<float>(query, row.Vector);
            if (!(Math.Abs(score - exact) < ScoreTolerance && Math.Abs(score - wanted.Score) < ScoreTolerance))
                ledger.Report($"Search ({what}) gives {row.Key} the score {score}; it has {exact}, and {wanted.Score} was due there");
        }
    }

    async Task<List<(Row Row, float Score)>> SearchAsync(float[] query, int top, object shards)
    {
        var question = new { query_vector = query, top_k = top, shards_to_search = shards, with_vector = true, exact = true };
        var answer = await AskAsync(NextApi, api => api.PostAsync("search", question), answer => answer["partial"].GetBoolean());
        if (answer.Expect()["partial"].GetBoolean())
            ledger.Report("A search was partial though nothing was under way");
        return [.. answer["results"].EnumerateArray().Select(hit => (Ledger.RowOf(hit), hit.GetProperty("score").GetSingle()))];
    }

    Task<Answer> AskAsync(Func<Api, Task<Answer>> ask) => AskAsync(NextApi, ask, _ => false);

    /// <summary>Asks again while the system says that it is busy, and at last gives the answer that there is.</summary>
    static async Task<Answer> AskAsync(Api api, Func<Api, Task<Answer>> ask, Func<Answer, bool> isIncomplete)
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
            try
            {
                var answer = await ask(api);
                var isBusy = answer.Status is HttpStatusCode.ServiceUnavailable or HttpStatusCode.TooManyRequests
                    || (answer.IsSuccess && isIncomplete(answer));
                if (!isBusy || Stopwatch.GetElapsedTime(start) > Patience)
                    return answer;
            }
            catch (TaskCanceledException) when (Stopwatch.GetElapsedTime(start) < Patience)
            {
                // No answer in the client's time: ask again.
            }
    }
}
