using System.Diagnostics;
using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.EndToEnd.Tests.Serving;
using VectorDb.Engine;
using VectorDb.TestKit.Survival;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Survival;

/// <summary>
/// Shards come and go while the server is written to and killed. Afterwards what it had acknowledged is there, once, found by its id, and
/// no version has gone back: the ledger compares every answer with what was acknowledged before.
/// </summary>
/// <remarks>
/// VECTORDB_SEED repeats a run (as far as threads allow), VECTORDB_LONG=1 makes it long.
/// </remarks>
public sealed class ShardChangeSurvivalTests(ITestOutputHelper output)
{
    const int Points = 300;

    /// <summary>Acknowledged before the first change, so that there is something to move.</summary>
    const int WarmUp = 500;

    /// <summary>Growing and shrinking by more than one, and over the first number in both directions.</summary>
    static readonly int[] Counts = [6, 3, 5, 4];

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    static readonly bool IsLong = Environment.GetEnvironmentVariable("VECTORDB_LONG") == "1";

    static readonly int Changes = IsLong ? 60 : 2;

    static readonly int KillsMax = IsLong ? 3 : 1;

    readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("VECTORDB_SEED"), out var seed)
        ? seed
        : (int)(Stopwatch.GetTimestamp() & 0xffffff);

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task KilledWhileShardsComeAndGo_KeepsEverythingAcknowledgedExactlyOnce(bool hasCentroids)
    {
        output.WriteLine($"VECTORDB_SEED={_seed}, {Changes} changes");
        var random = new Random(_seed);
        var ledger = new Ledger(_seed, Points, isMoving: true);
        await using var server = await RunningServer.StartNewAsync("--shards", $"{Ledger.Shards}");
        if (hasCentroids)
        {
            var centroids = ledger.Centroids.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item);
            (await server.Api.PostAsync("set_centroids", centroids)).Expect();
        }
        await WriteAsync(server, ledger, random);
        for (var change = 0; change < Changes; change++)
        {
            var count = Counts[change % Counts.Length];
            var kills = await ChangeAsync(server, ledger, random, count, hasCentroids);
            await new Audit(Doors.Of(server.Api, count), ledger).RunAsync(random);
            output.WriteLine(
                $"change {change} to {count}, {kills} kills: {ledger.Acknowledged} acknowledged, {ledger.Violations.Count} violations");
            if (ledger.Violations.Count > 0)
                Assert.Fail($"VECTORDB_SEED={_seed}, change {change} to {count} shards: {ledger.Violations.Count} violations:\n"
                    + string.Join("\n", ledger.Violations.Take(15)) + $"\nThe server said:\n{server.Process.Output}");
        }
        foreach (var count in ledger.Counts.Where(count => count.Contains("killed", StringComparison.Ordinal)))
            output.WriteLine(count);
    }

    /// <summary>Stores enough that there is something to move.</summary>
    static Task WriteAsync(RunningServer server, Ledger ledger, Random random)
    {
        var rules = new WorkloadRules
        {
            IsTroubled = () => false,
            IsOver = () => ledger.Acknowledged >= WarmUp,
            DoShardsChange = true,
        };
        return new Workload(Doors.Of(server.Api, Ledger.Shards), ledger, rules).RunAsync(random.Next(), clients: 4);
    }

    /// <summary>Changes the number under load with kills in between, and returns how many when it is done.</summary>
    static async Task<int> ChangeAsync(RunningServer server, Ledger ledger, Random random, int count, bool hasCentroids)
    {
        var kills = random.Next(1, KillsMax + 1);
        for (var kill = 0; kill < kills; kill++)
        {
            var begun = BeginAsync(server, count);
            await EndUnderLoad.RunAsync(
                server, ledger, random, server.Process.Kill, doShardsChange: true, soon: random.Next(3) > 0,
                doCentroidsChangeToo: hasCentroids);
            await begun;
            await server.Process.ExitCodeAsync(within: Patience);
            ledger.Count($"killed in {StepOf(server)}");
            await server.StartAsync();
        }
        await Eventually.TrueAsync(() => IsDoneAsync(server, count), Patience, $"there are {count} shards");
        // Centroids may have been set after the change was done and before the kill: while points move, some are in two shards.
        await Eventually.TrueAsync(server.Api.HasMovedAsync, Patience, "points have been moved");
        return kills;
    }

    /// <summary>Where the change was, as the keeper's file says.</summary>
    static string StepOf(RunningServer server)
    {
        using var keeper = Shard.Open(new() { Path = Path.Combine(server.DataPath, "shard_0.sqlite3"), Number = 0 });
        var state = JsonSerializer.Deserialize<CollectionState>(keeper.GetDocument("collection/default")!)!;
        return state.Change is { } change ? $"step {change.Step}, {change.From} to {change.To} shards" : "no change";
    }

    /// <summary>Refused where it has begun already, or points still move from the change before; broken off by a kill.</summary>
    static async Task BeginAsync(RunningServer server, int count)
    {
        try
        {
            if (!await IsBegunAsync(server, count))
                await server.Api.PostAsync("shards", new { count });
        }
        catch (Exception e) when (e is HttpRequestException or IOException or TaskCanceledException)
        {
            // It was killed meanwhile.
        }
    }

    static async Task<bool> IsBegunAsync(RunningServer server, int count)
    {
        var shards = (await server.Api.GetAsync("shards")).Json;
        return shards.TryGetProperty("change", out _) || shards.GetProperty("count").GetInt32() == count;
    }

    static async Task<bool> IsDoneAsync(RunningServer server, int count)
    {
        await BeginAsync(server, count);
        var answer = await server.Api.GetAsync("shards");
        return answer.IsSuccess && answer["count"].GetInt32() == count && !answer.Json.TryGetProperty("change", out _);
    }
}
