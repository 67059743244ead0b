using System.Diagnostics;

namespace VectorDb.Server.Benchmarking;

/// <summary>
/// What a long command is doing, on standard error: in place on a screen, a line every few seconds elsewhere. Thread-safe.
/// </summary>
public sealed class StepDisplay(TextWriter notes, bool isScreen)
{
    static readonly TimeSpan ScreenInterval = TimeSpan.FromMilliseconds(100);
    static readonly TimeSpan LineInterval = TimeSpan.FromSeconds(3);

    readonly Lock _lock = new();
    string _step = "";
    long _shownAt;
    int _drawn;

    /// <summary>Tells the step and how much of it is done, 0 to 1. Cheap to call often.</summary>
    public void Show(string step, double part)
    {
        lock (_lock)
        {
            if (step == _step && Stopwatch.GetElapsedTime(_shownAt) < (isScreen ? ScreenInterval : LineInterval))
                return;
            (_step, _shownAt) = (step, Stopwatch.GetTimestamp());
            var line = part > 0 ? $"{step}, {part:P0}" : step;
            if (!isScreen)
            {
                notes.WriteLine(line);
                return;
            }
            notes.Write('\r' + line.PadRight(_drawn));
            _drawn = line.Length;
        }
    }

    /// <summary>Clears what stands on the screen, before an answer is printed.</summary>
    public void Clear()
    {
        lock (_lock)
        {
            if (isScreen && _drawn > 0)
                notes.Write('\r' + new string(' ', _drawn) + '\r');
            (_step, _drawn) = ("", 0);
        }
    }
}
