using System.Diagnostics;
using Xunit;

namespace VectorDb.TestKit.Serving;

/// <summary>Waits for a condition by asking again, and fails when it does not come true in time.</summary>
public static class Eventually
{
    static readonly TimeSpan AskEvery = TimeSpan.FromMilliseconds(25);

    public static Task TrueAsync(Func<Task<bool>> condition, TimeSpan within, string what) => TrueAsync(condition, within, () => what);

    /// <summary>`what`: made when it has failed.</summary>
    public static async Task TrueAsync(Func<Task<bool>> condition, TimeSpan within, Func<string> what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > within)
                Assert.Fail($"Not within {within.TotalSeconds:0} s: {what()}.");
            await Task.Delay(AskEvery);
        }
    }
}
