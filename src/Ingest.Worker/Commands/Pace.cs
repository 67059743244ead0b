namespace VectorDb.IngestWorker.Commands;

/// <summary>
/// How fast a count grows, measured over the last seconds so that a slow begin does not spoil the forecast.
/// </summary>
public sealed class Pace(TimeProvider clock)
{
    /// <summary>Guess: long enough to even out batches, short enough to follow a change.</summary>
    static readonly TimeSpan Window = TimeSpan.FromSeconds(10);

    readonly Queue<(long Time, long Count)> _samples = new();
    (long Time, long Count) _last;

    /// <summary>Notes the count of this moment.</summary>
    public void Add(long count)
    {
        _last = (clock.GetTimestamp(), count);
        _samples.Enqueue(_last);
        while (clock.GetElapsedTime(_samples.Peek().Time, _last.Time) > Window)
            _samples.Dequeue();
    }

    /// <summary>Growth a second; 0 while it is not known.</summary>
    public double PerSecond
    {
        get
        {
            var seconds = _samples.Count < 2 ? 0 : clock.GetElapsedTime(_samples.Peek().Time, _last.Time).TotalSeconds;
            return seconds <= 0 ? 0 : (_last.Count - _samples.Peek().Count) / seconds;
        }
    }

    /// <summary>How long until the count is the total, or null while it is not known.</summary>
    public TimeSpan? TimeTo(long total) =>
        PerSecond > 0 ? TimeSpan.FromSeconds(Math.Min((total - _last.Count) / PerSecond, 359_999)) : null;
}
