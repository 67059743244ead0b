using System.Diagnostics;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// Everything that can go wrong between processes, while they are written to and read from: what was acknowledged must be there
/// afterwards, once, and no more.
/// </summary>
/// <remarks>
/// VECTORDB_SEED repeats a run as far as processes allow; VECTORDB_SOAK_MINUTES makes it go on for so long; VECTORDB_FAULTS=poison,stop
/// leaves only the faults with these words in their names.
/// </remarks>
[Collection(SharedCluster.Name)]
public sealed class ChaosTests(SharedCluster setup, ITestOutputHelper output)
{
    static readonly TimeSpan Soak = TimeSpan.FromMinutes(
        double.TryParse(Environment.GetEnvironmentVariable("VECTORDB_SOAK_MINUTES"), out var minutes) ? minutes : 0);

    [Fact]
    public async Task FaultsUnderLoad_KeepEverythingAcknowledgedExactlyOnce()
    {
        var start = Stopwatch.GetTimestamp();
        var random = new Random(FirstSeed.Value);
        var chaos = await ChaosRun.StartAsync(setup, FirstSeed.Value, Say);
        do
        {
            await chaos.RoundAsync(random.Next(), isShort: Soak == TimeSpan.Zero);
            Say($"{Stopwatch.GetElapsedTime(start).TotalMinutes:0.0} min. Faults so far: {chaos.Faults}");
            if (chaos.Violations.Count > 0)
                Assert.Fail($"VECTORDB_SEED={FirstSeed.Value}: {chaos.Violations.Count} violations:\n"
                    + string.Join("\n", chaos.Violations.Take(15)) + $"\n{setup.Cluster.Logs}");
        }
        while (Stopwatch.GetElapsedTime(start) < Soak);
        Say("Operations:\n" + string.Join("\n", chaos.Counts));
        await setup.EmptyAsync();
    }

    void Say(string line)
    {
        output.WriteLine(line);
        if (Soak > TimeSpan.Zero)
            Console.WriteLine(line);
    }
}
