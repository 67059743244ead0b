using System.Collections.Concurrent;

namespace VectorDb.Cluster.Tests.Replicas;

/// <summary>
/// Clients that do nothing but search for points that nobody changes, and get them, and take every failure, every partial answer and
/// every missing point for a violation, whatever is done to the shards meanwhile.
/// </summary>
public sealed class SteadySearches(Api api)
{
    const int Points = 40;

    const int Clients = 4;

    readonly ConcurrentQueue<string> _violations = new();
    readonly float[][] _vectors = [.. Enumerable.Range(0, Points).Select(i => Ledger.Direction(new Random(i)))];
    readonly CancellationTokenSource _end = new();
    Task _running = Task.CompletedTask;
    int _answers;

    public IReadOnlyCollection<string> Violations => _violations;

    /// <summary>Right answers so far.</summary>
    public int Answers => Volatile.Read(ref _answers);

    public async Task StartAsync()
    {
        var points = _vectors.Select((vector, i) => new { id = IdOf(i), vector, payload = new { attempt = -1 } });
        (await api.PostAsync("store", new { points })).Expect();
        _running = Task.WhenAll(Enumerable.Range(0, Clients).Select(client => Task.Run(() => RunAsync(new Random(client)))));
    }

    public async Task StopAsync()
    {
        await _end.CancelAsync();
        await _running;
    }

    /// <summary>So that everything else finds only what it knows.</summary>
    public async Task DeleteAsync()
    {
        for (var i = 0; i < Points; i++)
            (await api.DeleteAsync($"points/{Uri.EscapeDataString(IdOf(i))}")).Expect();
    }

    async Task RunAsync(Random random)
    {
        while (!_end.IsCancellationRequested)
        {
            var i = random.Next(Points);
            try
            {
                if (await ProblemAsync(i, random) is { } problem)
                    _violations.Enqueue($"{DateTime.Now:HH:mm:ss.fff} {problem}");
                else
                    Interlocked.Increment(ref _answers);
            }
            catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
            {
                _violations.Enqueue($"{DateTime.Now:HH:mm:ss.fff} no answer: {e.Message}");
            }
        }
    }

    async Task<string?> ProblemAsync(int i, Random random)
    {
        if (random.Next(4) == 0)
        {
            var got = await api.GetAsync($"get/{Uri.EscapeDataString(IdOf(i))}?with_vector=false");
            return got.IsSuccess ? null : $"get of {IdOf(i)}: {(int)got.Status} {got.Body}";
        }
        object shards = random.Next(2) == 0 ? 1 : "all";
        var found = await api.PostAsync("search", new { query_vector = _vectors[i], top_k = 1, shards_to_search = shards, exact = true });
        if (!found.IsSuccess || found["partial"].GetBoolean())
            return $"search in {shards}: {(int)found.Status} {found.Body}";
        var hit = found["results"].EnumerateArray().Select(result => result.GetProperty("id").ToString()).FirstOrDefault();
        return hit == IdOf(i) ? null : $"search in {shards} finds {hit ?? "nothing"} instead of {IdOf(i)}";
    }

    static string IdOf(int i) => $"steady/{i}";
}
