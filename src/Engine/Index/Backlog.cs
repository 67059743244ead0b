namespace VectorDb.Engine.Index;

/// <summary>
/// How many rows may wait to be linked. Linking costs as much as storing, on the same cores: while rows pour in and nobody
/// searches, storing goes first, up to a limit of memory. As soon as somebody searches, what waits is linked, because every
/// search scans it. Thread-safe.
/// </summary>
/// <param name="dimensions">Numbers in a vector.</param>
/// <param name="bytes">float32 vectors that may wait while nobody searches.</param>
/// <param name="clock">The time.</param>
internal sealed class Backlog(int dimensions, long bytes, TimeProvider clock)
{
    /// <summary>Rows that searches may have to scan: what a small shard scans.</summary>
    public const int SearchedMost = 4096;

    /// <summary>Slower than the slowest linking: whoever writes less than this does not wait for it.</summary>
    const double PouringRowsPerSecond = 1_000;

    /// <summary>Below this a burst is over before linking would be in its way.</summary>
    const int PouringRows = 1_024;

    /// <summary>Rows that come after a longer pause are another burst: longer than the syncs of a slow disk.</summary>
    static readonly TimeSpan BurstPause = TimeSpan.FromMilliseconds(500);

    /// <summary>Whoever searched is expected to search again for so long.</summary>
    static readonly TimeSpan SearchedFor = TimeSpan.FromSeconds(1);

    readonly int _unsearchedMost = (int)Math.Clamp(bytes / (dimensions * sizeof(float)), SearchedMost, int.MaxValue);
    readonly long _start = clock.GetTimestamp();
    readonly Lock _burst = new();
    long _burstStart;
    long _lastWrite;
    long _burstRows;
    long _lastSearch = long.MinValue;

    /// <summary>Beyond so many fresh rows, writers wait until as many are linked as they wrote.</summary>
    public int Most => IsSearched ? SearchedMost : _unsearchedMost;

    /// <summary>Somebody searches.</summary>
    public void Searched() => Volatile.Write(ref _lastSearch, clock.GetTimestamp());

    /// <summary>Rows were committed.</summary>
    public void Wrote(int rows)
    {
        var now = clock.GetTimestamp();
        lock (_burst)
        {
            if (clock.GetElapsedTime(_lastWrite, now) > BurstPause)
                (_burstStart, _burstRows) = (now, 0);
            _lastWrite = now;
            _burstRows += rows;
        }
    }

    /// <summary>Whether linking waits for the writers, with so many fresh rows.</summary>
    public bool MayGrow(int fresh)
    {
        // From here up to the most, rows are linked while others come, so that writers slow down before they stop.
        if (fresh >= _unsearchedMost - SearchedMost || IsSearched)
            return false;
        lock (_burst)
        {
            return _burstRows >= PouringRows
                && clock.GetElapsedTime(_lastWrite) <= BurstPause
                && _burstRows >= PouringRowsPerSecond * clock.GetElapsedTime(_burstStart).TotalSeconds;
        }
    }

    bool IsSearched => Volatile.Read(ref _lastSearch) is var last && last >= _start && clock.GetElapsedTime(last) <= SearchedFor;
}
