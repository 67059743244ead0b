using System.Globalization;
using System.Net;
using System.Text;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>The worker's `load`, and the fate of operations, through a real broker.</summary>
public sealed class PublishTests(BrokerServer broker) : IClassFixture<BrokerServer>
{
    /// <summary>All tests of this class store vectors of this size, since they share a collection.</summary>
    const int Dimensions = 8;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task RowsOfAFile_AreStoredAndTheOthersReportedByTheirLine()
    {
        var api = broker.Server.Api;
        using var folder = new TempFolder();
        var rows = Enumerable.Range(0, 3_000).Select(i => i switch
        {
            1_000 => """{"id":"short","vector":[1,2]}""",
            2_000 => "not JSON",
            _ => Row($"row-{i}", i),
        });
        var before = await SettledCountAsync(api);
        var rejected = Path.Combine(folder.Path, "left-out.txt");
        var run = Run(folder, rows) with { RejectedPath = rejected, Training = new(true, 500) };
        Assert.Equal(0, await run.RunAsync(Stop));
        await HoldsAsync(api, before + 2_998);
        var told = await File.ReadAllLinesAsync(rejected, Stop);
        Assert.Equal(2, told.Length);
        Assert.Contains(told, line => line.StartsWith("line 1001 ", StringComparison.Ordinal) && line.Contains("vector of 2 numbers"));
        Assert.Contains(told, line => line.StartsWith("line 2001 ", StringComparison.Ordinal));
        (await api.GetAsync("get/row-2999")).Expect();
        Assert.Equal(2, await (run with { Strict = true }).RunAsync(Stop));
        await HoldsAsync(api, before + 2_998);
    }

    [Fact]
    public async Task StoppedLoad_HasNothingPendingThatIsNotSaidAndGoesOnWhenRunAgain()
    {
        var api = broker.Server.Api;
        using var folder = new TempFolder();
        var rows = Enumerable.Range(0, 20_000).Select(i => Row($"stopped-{i}", i)).ToList();
        var run = Run(folder, rows);
        var before = await SettledCountAsync(api);
        using var stop = new CancellationTokenSource();
        var running = run.RunAsync(stop.Token);
        await Eventually.TrueAsync(
            async () => await api.CountAsync() > before, TimeSpan.FromSeconds(60), "the first rows are stored");
        await stop.CancelAsync();
        Assert.Equal(Interruption.ExitCode, await running);
        Assert.Equal(0, await run.RunAsync(Stop));
        await HoldsAsync(api, before + rows.Count);
    }

    [Fact]
    public async Task AcceptedByOneApi_IsToldByAnotherWhenThatHasGone()
    {
        var api = broker.Server.Api;
        string path;
        await using (var second = await BrokerServer.StartApiAsync())
        {
            using var its = new Api(new Uri(second.Urls.First()));
            await Eventually.TrueAsync(
                async () => (await its.GetAsync("readyz")).IsSuccess, TimeSpan.FromSeconds(60), "the second API is ready");
            var points = Enumerable.Range(0, 100).Select(i => new { id = $"other-{i}", vector = Vector(i) });
            var accepted = (await its.PostAsync("store", new { points, wait = false })).Expect(HttpStatusCode.Accepted);
            Assert.True(accepted["durable"].GetBoolean());
            path = $"operations/{accepted["operation"].GetString()}";
            await second.StopAsync(Stop);
        }
        await Eventually.TrueAsync(
            async () => (await api.GetAsync(path)).Expect()["done"].GetBoolean(), TimeSpan.FromSeconds(60), "all is stored");
        var fate = (await api.GetAsync(path)).Expect();
        Assert.Equal((100, 100), (fate["points"].GetInt32(), fate["stored"].GetInt32()));
        Assert.False(fate.Json.TryGetProperty("lost", out _));
    }

    [Fact]
    public async Task NoBroker_IsSaidInASentence()
    {
        using var folder = new TempFolder();
        var port = Environment.GetEnvironmentVariable("RabbitMqTransport__Port");
        Environment.SetEnvironmentVariable("RabbitMqTransport__Port", "1");
        try
        {
            var failure = await Assert.ThrowsAsync<CommandFailure>(() => Run(folder, [Row("a", 1)]).RunAsync(Stop));
            Assert.Contains("No broker answers at", failure.Message);
        }
        finally
        {
            Environment.SetEnvironmentVariable("RabbitMqTransport__Port", port);
        }
    }

    [Fact]
    public async Task MissingFile_NeedsNoBrokerToBeTold()
    {
        using var folder = new TempFolder();
        var run = Run(folder, []) with { Path = Path.Combine(folder.Path, "nowhere.csv") };
        Assert.Contains("There is no file", (await Assert.ThrowsAsync<CommandFailure>(() => run.RunAsync(Stop))).Message);
    }

    /// <summary>Training, in one of these tests, moves what the others stored, and a point that is being moved counts twice.</summary>
    static async Task<long> SettledCountAsync(Api api)
    {
        await Eventually.TrueAsync(api.HasMovedAsync, TimeSpan.FromSeconds(60), "points have been moved");
        return await api.CountAsync();
    }

    static Task HoldsAsync(Api api, long count) => Eventually.TrueAsync(
        async () => await api.HasMovedAsync() && await api.CountAsync() == count, TimeSpan.FromSeconds(60), $"{count} points are there");

    static PublishRun Run(TempFolder folder, IEnumerable<string> rows)
    {
        var path = Path.Combine(folder.Path, "rows.jsonl");
        File.WriteAllLines(path, rows, new UTF8Encoding(false));
        return new() { Path = path, Training = TrainingChoice.None, Json = true };
    }

    static string Row(string id, int seed) => string.Create(
        CultureInfo.InvariantCulture, $$"""{"id":"{{id}}","vector":[{{string.Join(',', Vector(seed))}}]}""");

    static float[] Vector(int seed) => [.. Enumerable.Range(1, Dimensions).Select(i => (float)((seed + 1) * i % 97 + 1))];
}
