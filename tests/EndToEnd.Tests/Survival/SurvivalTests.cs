using System.Diagnostics;
using System.Numerics.Tensors;
using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using VectorDb.ShardWorker.Checking;
using VectorDb.TestKit.Survival;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Survival;

/// <summary>The server is ended while it is written to; what it had acknowledged must be there afterwards, once, and no more.</summary>
/// <remarks>VECTORDB_SEED repeats a run (as far as threads allow), VECTORDB_LONG=1 makes it long.</remarks>
public sealed class SurvivalTests(ITestOutputHelper output)
{
    const int Points = 300;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    static readonly bool IsLong = Environment.GetEnvironmentVariable("VECTORDB_LONG") == "1";

    static readonly int Rounds = IsLong ? 100 : 5;

    static readonly int MovingRounds = IsLong ? 100 : 3;

    readonly int _seed = int.TryParse(Environment.GetEnvironmentVariable("VECTORDB_SEED"), out var seed)
        ? seed
        : (int)(Stopwatch.GetTimestamp() & 0xffffff);

    [Fact]
    public async Task KilledWhileWrittenTo_KeepsEverythingAcknowledgedExactlyOnce()
    {
        var random = new Random(_seed);
        var ledger = new Ledger(_seed, Points);
        await using var server = await StartAsync(ledger);
        for (var round = 0; round < Rounds; round++)
        {
            await EndUnderLoad.RunAsync(server, ledger, random, server.Process.Kill);
            await server.Process.ExitCodeAsync(within: Patience);
            AssertSound(server);
            await server.StartAsync();
            await new Audit(DoorsOf(server), ledger).RunAsync(random);
            AssertNothingWrong(ledger, server, round);
        }
        await EndAndCheckAsync(server);
    }

    /// <summary>
    /// The same while centroids change all the time, so that most points are on their way when the end comes. Moves go on after the
    /// start; when they are over, each point is where the newest centroids want it.
    /// </summary>
    [Fact]
    public async Task KilledWhilePointsMove_KeepsEverythingAcknowledgedExactlyOnceAndMovesOn()
    {
        var random = new Random(_seed);
        var ledger = new Ledger(_seed, Points, isMoving: true);
        await using var server = await StartAsync(ledger);
        for (var round = 0; round < MovingRounds; round++)
        {
            await EndUnderLoad.RunAsync(server, ledger, random, server.Process.Kill);
            await server.Process.ExitCodeAsync(within: Patience);
            AssertSound(server);
            await server.StartAsync();
            await Eventually.TrueAsync(server.Api.HasMovedAsync, Patience, "points have been moved");
            await new Audit(DoorsOf(server), ledger).RunAsync(random);
            await AssertPlacedAsync(server.Api, ledger);
            AssertNothingWrong(ledger, server, round);
        }
        await EndAndCheckAsync(server);
    }

    /// <summary>After a stop in peace nothing is left of what the kills cut off.</summary>
    async Task EndAndCheckAsync(RunningServer server)
    {
        server.Process.Terminate();
        Assert.Equal(0, await server.Process.ExitCodeAsync(Patience));
        AssertSound(server);
    }

    void AssertSound(RunningServer server)
    {
        var report = FolderCheck.Run([server.DataPath], (_, _) => { }, TestContext.Current.CancellationToken);
        output.WriteLine($"check: {report.Rows} rows, {report.DirectoryEntries} entries; {string.Join(" ", report.Notes)}");
        Assert.True(report.IsClean, $"VECTORDB_SEED={_seed}: {report.DamageCount} findings:\n{string.Join("\n", report.Damage)}");
    }

    static async Task AssertPlacedAsync(Api api, Ledger ledger)
    {
        var centroids = (await api.GetAsync("")).Expect()["centroids"].EnumerateObject()
            .ToDictionary(pair => int.Parse(pair.Name), pair => pair.Value[0].Deserialize<float[]>()!);
        foreach (var point in ledger.Points)
        {
            var answer = await api.GetAsync($"get/{Uri.EscapeDataString(point.Key)}");
            if (!answer.IsSuccess)
                continue;
            var row = Ledger.RowOf(answer.Json);
            var nearness = centroids.ToDictionary(pair => pair.Key, pair => TensorPrimitives.Dot<float>(pair.Value, row.Vector));
            if (nearness[row.Shard] < nearness.Values.Max() - 1e-4f)
                ledger.Report($"{row.Key} is in shard {row.Shard} after the move, not in {nearness.MaxBy(pair => pair.Value).Key}");
        }
    }

    [Fact]
    public async Task StoppedWhileWrittenTo_EndsInTimeWithCodeZeroAndKeepsEverythingAcknowledged()
    {
        var random = new Random(_seed);
        var ledger = new Ledger(_seed, Points);
        await using var server = await StartAsync(ledger);
        await EndUnderLoad.RunAsync(server, ledger, random, server.Process.Terminate);
        Assert.Equal(0, await server.Process.ExitCodeAsync(within: TimeSpan.FromSeconds(10)));
        await server.StartAsync();
        await new Audit(DoorsOf(server), ledger).RunAsync(random);
        AssertNothingWrong(ledger, server, round: 0);
    }

    static Doors DoorsOf(RunningServer server) => Doors.Of(server.Api, Ledger.Shards);

    async Task<RunningServer> StartAsync(Ledger ledger)
    {
        output.WriteLine($"VECTORDB_SEED={_seed}, {Rounds} rounds");
        var server = await RunningServer.StartNewAsync("--shards", $"{Ledger.Shards}");
        var centroids = ledger.Centroids.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item);
        (await server.Api.PostAsync("set_centroids", centroids)).Expect();
        return server;
    }

    void AssertNothingWrong(Ledger ledger, RunningServer server, int round)
    {
        output.WriteLine($"round {round}: {ledger.Acknowledged} acknowledged, {ledger.Violations.Count} violations");
        if (ledger.Violations.Count > 0)
            Assert.Fail($"VECTORDB_SEED={_seed}, round {round}: {ledger.Violations.Count} violations:\n"
                + string.Join("\n", ledger.Violations.Take(15)) + $"\nThe server said:\n{server.Process.Output}");
    }
}
