using System.Collections.Concurrent;
using System.Numerics.Tensors;
using System.Text.Json;

namespace VectorDb.EndToEnd.Tests.Survival;

/// <summary>The model of a server's points that a workload writes and reads, and everything that was found wrong. Thread-safe.</summary>
sealed class Ledger
{
    public const int Dimensions = 16;

    public const int Shards = 4;

    /// <summary>Nearer than this to a border between two shards, rounding decides.</summary>
    const float BorderWidth = 1e-5f;

    readonly Dictionary<string, PointHistory> _byKey;
    readonly ConcurrentQueue<string> _violations = new();
    int _attempts;
    int _acknowledged;
    int _awaited = int.MaxValue;
    Action? _onReached;

    public Ledger(int seed, int points, bool isMoving = false)
    {
        IsMoving = isMoving;
        var random = new Random(seed);
        Points = [.. Enumerable.Range(0, points).Select(i => new PointHistory(IdOf(i), isMoving))];
        _byKey = Points.ToDictionary(point => point.Key);
        Centroids = [.. Enumerable.Range(0, Shards).Select(_ => Direction(random))];
    }

    /// <summary>Centroids change while clients write: no point has a shard of its own.</summary>
    public bool IsMoving { get; }

    public IReadOnlyList<PointHistory> Points { get; }

    public IReadOnlyList<float[]> Centroids { get; }

    public IReadOnlyCollection<string> Violations => _violations;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

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
