using System.Collections.Concurrent;
using System.Diagnostics;

namespace VectorDb.Cluster.Tests.Replicas;

/// <summary>
/// Clients that do nothing but search for points that nobody changes, and get them, and take every failure, every partial answer and
/// every missing point for a violation, whatever is done to the shards meanwhile.
/// </summary>
public sealed class SteadySearches
{
    const int Clients = 4;

    readonly ConcurrentQueue<string> _violations = new();
    readonly Api _api;
    readonly List<(PointHistory Point, float[] Vector)> _points = [];
    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly CancellationTokenSource _end = new();
    Task _running = Task.CompletedTask;
    int _answers;

    SteadySearches(Api api) => _api = api;

    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Right answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    /// <summary>Stores the ledger's fresh points and begins to look for them.</summary>
    public static async Task<SteadySearches> StartAsync(Api api, Ledger ledger)
    {
        var searches = new SteadySearches(api);
        var random = new Random(FirstSeed.Value);
        var attempts = new List<Attempt>();
        while (ledger.NextFresh() is { } point)
        {
            searches._points.Add((point, Ledger.Direction(random)));
            attempts.Add(ledger.Store(point, searches._points[^1].Vector));
        }
        var points = searches._points.Zip(attempts, (steady, attempt) =>
            new { id = steady.Point.Id, vector = steady.Vector, payload = new { attempt = attempt.Number } });
        var stored = (await api.PostAsync("store", new { points })).Expect();
        foreach (var (i, answer) in stored["points"].EnumerateArray().Index())
        {
            var point = searches._points[i].Point;
            ledger.Acknowledge(point, attempts[i], answer.GetProperty("version").GetInt64(), point.Floor);
        }
        searches._running = Task.WhenAll(
            Enumerable.Range(0, Clients).Select(client => Task.Run(() => searches.RunAsync(new Random(client)))));
        return searches;
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    async Task RunAsync(Random random)
    {
        while (!_end.IsCancellationRequested)
        {
            var (point, vector) = _points[random.Next(_points.Count)];
            try
            {
                if (await ProblemAsync(point, vector, random) is { } problem)
                    _violations.Enqueue($"{_clock.Elapsed.TotalSeconds:0.0} s: {problem}");
                else
                    Interlocked.Increment(ref _answers);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                _violations.Enqueue($"{_clock.Elapsed.TotalSeconds:0.0} s: no answer: {e.Message}");
            }
        }
    }

    async Task<string?> ProblemAsync(PointHistory point, float[] vector, Random random)
    {
        if (random.Next(4) == 0)
        {
            var got = await _api.GetAsync($"get/{Uri.EscapeDataString(point.Key)}?with_vector=false");
            return got.IsSuccess ? null : $"get of {point.Key}: {(int)got.Status} {got.Body}";
        }
        object shards = random.Next(2) == 0 ? 1 : "all";
        var found = await _api.PostAsync("search", new { query_vector = vector, top_k = 1, shards_to_search = shards, exact = true });
        if (!found.IsSuccess || found["partial"].GetBoolean())
            return $"search in {shards}: {(int)found.Status} {found.Body}";
        var hit = found["results"].EnumerateArray().Select(result => result.GetProperty("id").ToString()).FirstOrDefault();
        return hit == point.Key ? null : $"search in {shards} finds {hit ?? "nothing"} instead of {point.Key}";
    }
}
