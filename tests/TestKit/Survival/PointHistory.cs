namespace VectorDb.TestKit.Survival;

/// <summary>
/// What may be true of one id: the newest acknowledged state, and every state that somebody tried to bring about and had no answer
/// for. Versions order what several clients did at once. `isMoving`: centroids change, and with them shards and versions.
/// Thread-safe.
/// </summary>
public sealed class PointHistory(object id, bool isMoving = false)
{
    /// <summary>Float32 normalised on the way: a few units in the last place.</summary>
    const float Tolerance = 1e-5f;

    readonly Lock _lock = new();
    readonly Dictionary<int, Attempt> _attempts = [];
    Floor _floor = new(0, IsGone: true);
    bool _isAccepted;

    /// <summary>A number or a string, as it goes into JSON.</summary>
    public object Id { get; } = id;

    public string Key { get; } = KeyOf(id);

    public static string KeyOf(object id) => $"{id}";

    public Floor Floor
    {
        get
        {
            lock (_lock)
                return _floor;
        }
    }

    /// <summary>After <see cref="Settle"/>: it was seen.</summary>
    public bool IsThere => !Floor.IsGone;

    /// <summary>Its only store was accepted for good: it must be there when nothing is under way any more.</summary>
    public void Accept()
    {
        lock (_lock)
            _isAccepted = true;
    }

    public void Begin(Attempt attempt)
    {
        lock (_lock)
            _attempts[attempt.Number] = attempt;
    }

    /// <summary>Returns what is wrong with the answer, or null.</summary>
    public string? Acknowledge(Attempt attempt, long version, Floor before)
    {
        lock (_lock)
        {
            attempt.Version = version;
            if (version > _floor.Version)
                _floor = new(version, attempt.IsDelete);
            return version > before.Version
                ? null
                : $"{Key}: attempt {attempt.Number} was given version {version}, though {before.Version} had been acknowledged before it";
        }
    }

    /// <summary>What is wrong with a row that was seen, when `before` was acknowledged before anyone looked; null if nothing.</summary>
    public string? Problem(Row row, Floor before, string seenBy)
    {
        lock (_lock)
        {
            if (!_attempts.TryGetValue(row.Attempt, out var attempt) || attempt.Vector is null)
                return $"{Key}: the row of attempt {row.Attempt} is there, which was never written, or gone at the last start";
            // A move gives a higher version to what it takes along: then the attempt's own version says how old that is.
            var written = isMoving ? attempt.Version ?? row.Version : row.Version;
            if (written < before.Version || (written == before.Version && before.IsGone))
                return $"{Key}: version {row.Version} (attempt {row.Attempt}, given {attempt.Version}) is seen in shard {row.Shard} "
                    + $"by {seenBy}, though {before} had been acknowledged";
            if (attempt.Version is { } version && (isMoving ? version > row.Version : version != row.Version))
                return $"{Key}: attempt {row.Attempt} was given version {version} and is seen with {row.Version}";
            if (attempt.Shard is { } shard && shard != row.Shard)
                return $"{Key}: attempt {row.Attempt} is in shard {row.Shard} and belongs into {shard}";
            for (var i = 0; i < attempt.Vector.Length; i++)
                if (!(Math.Abs(attempt.Vector[i] - row.Vector[i]) < Tolerance))
                    return $"{Key}: the vector of attempt {row.Attempt} has {row.Vector[i]} at {i}, not {attempt.Vector[i]}";
            return null;
        }
    }

    /// <summary>What is wrong with the point's not being there; null if nothing.</summary>
    public string? ProblemWhenMissing(Floor before)
    {
        lock (_lock)
            return before.IsGone || _attempts.Values.Any(a => a.IsDelete && (a.Version is null || a.Version > before.Version))
                ? null
                : $"{Key}: gone, though {before} had been acknowledged and nobody deleted it since";
    }

    /// <summary>What is wrong with the point's not being there when nothing is under way; null if nothing.</summary>
    public string? ProblemWhenMissingAtRest()
    {
        lock (_lock)
            if (_isAccepted)
                return $"{Key}: gone, though its only store had been accepted as durable";
        return ProblemWhenMissing(Floor);
    }

    /// <summary>After a start nothing is under way: what was seen is the only state that can be true.</summary>
    public void Settle(Row? seen)
    {
        lock (_lock)
        {
            var attempt = seen is null ? null : _attempts.GetValueOrDefault(seen.Attempt);
            _attempts.Clear();
            _isAccepted = false;
            if (attempt is null)
                _floor = new(_floor.Version, IsGone: true);
            else
            {
                attempt.Version = seen!.Version;
                _attempts[attempt.Number] = attempt;
                _floor = new(seen.Version, IsGone: false);
            }
        }
    }
}
