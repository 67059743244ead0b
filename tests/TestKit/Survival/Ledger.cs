using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Text.Json;

namespace VectorDb.TestKit.Survival;

/// <summary>The model of a server's points that a workload writes and reads, and everything that was found wrong. Thread-safe.</summary>
public sealed class Ledger
{
    public const int Dimensions = 16;

    public const int Shards = 4;

    /// <summary>Nearer than this to a border between two shards, rounding decides.</summary>
    const float BorderWidth = 1e-5f;

    readonly Dictionary<string, PointHistory> _byKey;
    readonly ConcurrentQueue<string> _violations = new();
    readonly ConcurrentDictionary<string, int> _counts = new();
    readonly List<PointHistory> _fresh;
    int _nextFresh;
    int _attempts;
    int _acknowledged;
    int _awaited = int.MaxValue;
    Action? _onReached;

    /// <param name="seed">Of the centroids.</param>
    /// <param name="points">Ids on which everything is done.</param>
    /// <param name="fresh">Ids that are stored once between two audits, by somebody who does not wait.</param>
    /// <param name="isMoving">Centroids change while clients write: no point has a shard of its own.</param>
    public Ledger(int seed, int points, int fresh = 0, bool isMoving = false)
    {
        IsMoving = isMoving;
        var random = new Random(seed);
        Shared = [.. Enumerable.Range(0, points).Select(i => new PointHistory(IdOf(i), isMoving))];
        _fresh = [.. Enumerable.Range(0, fresh).Select(i => new PointHistory($"fresh/{i}", isMoving))];
        Points = [.. Shared, .. _fresh];
        _byKey = Points.ToDictionary(point => point.Key);
        Centroids = [.. Enumerable.Range(0, Shards).Select(_ => Direction(random))];
    }

    /// <summary>Centroids change while clients write: no point has a shard of its own.</summary>
    public bool IsMoving { get; }

    /// <summary>All of them.</summary>
    public IReadOnlyList<PointHistory> Points { get; }

    public IReadOnlyList<PointHistory> Shared { get; }

    public IReadOnlyList<float[]> Centroids { get; }

    public IReadOnlyCollection<string> Violations => _violations;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>What was done how often and with which end, most of it first.</summary>
    public IEnumerable<string> Counts => _counts.OrderByDescending(pair => pair.Value).Select(pair => $"{pair.Value,7} {pair.Key}");

    public void Count(string what, int times = 1) => _counts.AddOrUpdate(what, times, (_, count) => count + times);

    /// <summary>A point that nobody has stored since the last audit; null when all have been.</summary>
    public PointHistory? NextFresh() =>
        Interlocked.Increment(ref _nextFresh) - 1 is var next && next < _fresh.Count ? _fresh[next] : null;

    /// <summary>Lets fresh points be stored again. Returns those that are there now and must be deleted before.</summary>
    public IReadOnlyList<PointHistory> RenewFresh()
    {
        Volatile.Write(ref _nextFresh, 0);
        return [.. _fresh.Where(point => point.IsThere)];
    }

    public PointHistory? Find(string key) => _byKey.GetValueOrDefault(key);

    public IReadOnlyDictionary<string, Floor> Floors() => Points.ToDictionary(point => point.Key, point => point.Floor);

    public void Report(string? problem)
    {
        if (problem is not null)
            _violations.Enqueue(problem);
    }

    /// <summary>Runs `action` once, when so many more operations have been acknowledged, in the client that got the last answer.</summary>
    public void AfterMore(int count, Action action)
    {
        _onReached = action;
        Volatile.Write(ref _awaited, Acknowledged + count);
    }

    public Attempt Store(PointHistory point, float[] vector, int? pinnedShard = null)
    {
        var attempt = new Attempt(Interlocked.Increment(ref _attempts), vector, IsMoving ? null : pinnedShard ?? OwnerOf(vector));
        point.Begin(attempt);
        return attempt;
    }

    public Attempt Delete(PointHistory point)
    {
        var attempt = new Attempt(Interlocked.Increment(ref _attempts), null, null);
        point.Begin(attempt);
        return attempt;
    }

    public void Acknowledge(PointHistory point, Attempt attempt, long version, Floor before)
    {
        Report(point.Acknowledge(attempt, version, before));
        if (Interlocked.Increment(ref _acknowledged) >= Volatile.Read(ref _awaited))
            Interlocked.Exchange(ref _onReached, null)?.Invoke();
    }

    /// <summary>A result of a search or a get that carries its vector and payload.</summary>
    public static Row RowOf(JsonElement json) => new(
        json.GetProperty("id").ToString(),
        json.GetProperty("payload").GetProperty("attempt").GetInt32(),
        json.GetProperty("vector").Deserialize<float[]>()!,
        json.GetProperty("shard").GetInt32(),
        json.GetProperty("version").GetInt64());

    /// <summary>A random direction: `Dimensions` numbers, length 1.</summary>
    public static float[] Direction(Random random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < vector.Length; i++)
            vector[i] = random.NextSingle() * 2 - 1;
        TensorPrimitives.Divide(vector, TensorPrimitives.Norm<float>(vector), vector);
        return vector;
    }

    int? OwnerOf(float[] vector)
    {
        var nearest = Enumerable.Range(0, Shards)
            .Select(shard => (Shard: shard, Score: TensorPrimitives.Dot<float>(Centroids[shard], vector)))
            .OrderByDescending(pair => pair.Score).ToList();
        return nearest[0].Score - nearest[1].Score > BorderWidth ? nearest[0].Shard : null;
    }

    /// <summary>All three kinds of ids.</summary>
    static object IdOf(int number) => (number % 3) switch
    {
        0 => (ulong)number,
        1 => $"point/{number} ä%",
        _ => new Guid(number, 1, 2, [3, 4, 5, 6, 7, 8, 9, 10]).ToString(),
    };
}
