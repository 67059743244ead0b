using System.Net;
using System.Net.Sockets;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;
using VectorDb.Server.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class BulkLoaderTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task AllRows_AreStoredAndCounted()
    {
        await using var server = new ScriptedServer((_, _) => null);
        var progress = await LoadAsync(server, Rows(1000), new LoadOptions { BatchSize = 64, InFlight = 4 });
        Assert.Equal((1000, 0, 0), (progress.Stored, progress.Rejected, progress.Skipped));
        Assert.Equal(Rows(1000).Select(row => row.Point!.Id.ToString()).Order(), server.Stored.Order());
        Assert.Equal(10_000, progress.BytesDone);
    }

    [Fact]
    public async Task RefusedPoint_IsLeftOutAlone()
    {
        await using var server = new ScriptedServer((_, ids) =>
            ids.Contains("77") ? new ScriptedServer.Answer(422, "the point 77 is bad") : null);
        var progress = await LoadAsync(server, Rows(200), new LoadOptions());
        Assert.Equal((199, 1), (progress.Stored, progress.Rejected));
        Assert.Equal("line 78 (row 77) is left out: the server refuses it: the point 77 is bad", Assert.Single(progress.Rejections));
        Assert.DoesNotContain("77", server.Stored);
        Assert.Equal(199, server.Stored.Distinct().Count());
    }

    [Fact]
    public async Task BusyServer_GetsTheSameBatchAgain()
    {
        await using var server = new ScriptedServer((number, _) => number switch
        {
            1 => new ScriptedServer.Answer(429, "later", RetryAfterSeconds: 0),
            2 => new ScriptedServer.Answer(503, "starting", RetryAfterSeconds: 0),
            _ => null,
        });
        var progress = await LoadAsync(server, Rows(10), new LoadOptions());
        Assert.Equal((10, 0), (progress.Stored, progress.Rejected));
        Assert.Equal(10, server.Stored.Count);
    }

    [Fact]
    public async Task OtherServerAtTheAddress_IsToldApartAtOnce()
    {
        await using var server = new ScriptedServer((_, _) => null);
        await server.StartAsync(Stop);
        using var client = new VectorDbClient(server.Address);
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => ServerReadiness.WaitAsync(client, Stop));
        Assert.Contains("is not vectordb (HTTP 404", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatFailsOnce_IsAskedAgain()
    {
        await using var server = new ScriptedServer((number, _) => number == 1 ? new ScriptedServer.Answer(500, "oops") : null);
        Assert.Equal(10, (await LoadAsync(server, Rows(10), new LoadOptions())).Stored);
    }

    [Fact]
    public async Task ServerThatRefusesEverything_EndsTheLoadEarly()
    {
        await using var server = new ScriptedServer((_, _) => new ScriptedServer.Answer(422, "vectors of 3 are wanted"));
        var failure = await Assert.ThrowsAsync<CommandFailure>(() => LoadAsync(server, Rows(10_000), new LoadOptions()));
        Assert.Contains("refuses every row", failure.Message, StringComparison.Ordinal);
        Assert.Contains("vectors of 3 are wanted", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ServerThatIsRestarted_LosesNoRow()
    {
        var port = FreePort();
        var address = $"http://127.0.0.1:{port}";
        var progress = new LoadProgress();
        using var client = new VectorDbClient(address);
        var loader = new BulkLoader(new BatchSender(client, progress), progress, new LoadOptions());
        var loading = loader.RunAsync(Rows(100), Stop);
        while (!progress.TryTakeNote(out _))
            await Task.Delay(20, Stop);
        Assert.False(loading.IsCompleted);
        await using var server = new ScriptedServer((_, _) => null, port);
        await server.StartAsync(Stop);
        await loading;
        Assert.Equal(100, server.Stored.Distinct().Count());
        Assert.Equal(100, progress.Stored);
    }

    [Fact]
    public async Task LaterRowWithTheSameId_IsStoredLater()
    {
        await using var server = new ScriptedServer((_, _) => null);
        var rows = Enumerable.Range(0, 300).Select(i => Row(i, (ulong)(i % 100))).ToList();
        var progress = await LoadAsync(server, rows, new LoadOptions { BatchSize = 8, InFlight = 8 });
        Assert.Equal((300, 200), (progress.Stored, progress.Repeated));
        Assert.All(server.Stored.CountBy(id => id), pair => Assert.Equal(3, pair.Value));
    }

    [Fact]
    public async Task RowsThatAreThere_AreSkipped()
    {
        await using var server = new ScriptedServer((_, _) => null);
        var there = Enumerable.Range(0, 60).Select(i => PointId.From((ulong)i)).ToHashSet();
        var progress = await LoadAsync(server, Rows(100), new LoadOptions { SkippedIds = there });
        Assert.Equal((40, 60), (progress.Stored, progress.Skipped));
        Assert.Equal(40, server.Stored.Count);
    }

    [Fact]
    public async Task BadRows_AreCountedAndTheFirstAreTold()
    {
        await using var server = new ScriptedServer((_, _) => null);
        var rows = Enumerable.Range(0, 100).Select(i => i % 2 == 0 ? Row(i, (ulong)i) : LoadedRow.Bad(i, i + 1, 10, "it is bad"));
        var progress = await LoadAsync(server, rows, new LoadOptions());
        Assert.Equal((50, 50), (progress.Stored, progress.Rejected));
        Assert.Equal(LoadProgress.RejectionsTold, progress.Rejections.Count);
        Assert.Equal("line 2 (row 1) is left out: it is bad", progress.Rejections.First());
    }

    [Fact]
    public async Task StoppedLoad_CountsWhatTheServerAcknowledged()
    {
        await using var server = new ScriptedServer((_, _) => null);
        using var stop = new CancellationTokenSource();
        var progress = new LoadProgress();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() =>
            LoadAsync(server, Endless(stop, 500), new LoadOptions(), progress, stop.Token));
        Assert.Equal(server.Stored.Count, progress.Stored);
    }

    static IEnumerable<LoadedRow> Endless(CancellationTokenSource stop, int stopAt)
    {
        for (var i = 0; ; i++)
        {
            if (i == stopAt)
                stop.Cancel();
            yield return Row(i, (ulong)i);
        }
    }

    static async Task<LoadProgress> LoadAsync(
        ScriptedServer server, IEnumerable<LoadedRow> rows, LoadOptions options, LoadProgress? progress = null,
        CancellationToken? stop = null)
    {
        progress ??= new LoadProgress();
        await server.StartAsync(Stop);
        using var client = new VectorDbClient(server.Address);
        await new BulkLoader(new BatchSender(client, progress), progress, options).RunAsync(rows, stop ?? Stop);
        return progress;
    }

    static IEnumerable<LoadedRow> Rows(int count) => Enumerable.Range(0, count).Select(i => Row(i, (ulong)i));

    static LoadedRow Row(int number, ulong id) =>
        LoadedRow.Check(number, number + 1, 10, new PointInput { Id = PointId.From(id), Text = $"text {number}" });

    static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}
