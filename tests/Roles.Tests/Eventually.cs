using System.Diagnostics;

namespace VectorDb.Roles.Tests;

/// <summary>Waits for a condition that other threads bring about. Fails with what was waited for.</summary>
static class Eventually
{
    /// <summary>Far beyond what any condition here takes: a machine that is busy with other builds must not fail a test.</summary>
    static readonly TimeSpan Within = TimeSpan.FromSeconds(30);

    public static Task TrueAsync(Func<bool> condition, string awaited) =>
        GetAsync(() => condition() ? new object() : null, awaited);

    /// <summary>The first value that is not null.</summary>
    public static async Task<T> GetAsync<T>(Func<T?> value, string awaited)
        where T : class
    {
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            if (value() is { } found)
                return found;
            Assert.True(Stopwatch.GetElapsedTime(start) < Within, $"Not within {Within.TotalSeconds} s: {awaited}");
            await Task.Delay(5, TestContext.Current.CancellationToken);
        }
    }
}
