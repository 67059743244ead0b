using System.Text;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server;
using VectorDb.Server.Client;
using VectorDb.Server.Commands;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>Files through HTTP into a real server with the real model, and back.</summary>
public sealed class LoadThroughServerTests : IAsyncLifetime
{
    static readonly string[] Texts =
    [
        "a zoologist who studies insects", "a craftsman who repairs pipes", "a tower with a light that warns ships",
        "a period of one hundred years", "a sweet yellow liquid made by bees",
    ];

    readonly string _folder = Directory.CreateTempSubdirectory("vectordb-load-").FullName;
    RunningServer? _server;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    VectorDbClient Client => _server!.Client;

    public async ValueTask InitializeAsync() => _server = await RunningServer.StartAsync(
        new ServeOptions
        {
            Urls = "http://127.0.0.1:0",
            DataPath = Path.Combine(_folder, "data"),
            Shards = 2,
            ModelPath = SharedFiles.OfRepository("models"),
        }, Stop);

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        Directory.Delete(_folder, recursive: true);
    }

    [Fact]
    public async Task FileWithABadRow_IsLoadedOnceHoweverOftenItIsLoaded()
    {
        var path = WriteCsv([.. Texts.Select((text, i) => $"{i},\"{text}\""), "5", "6,\"the last\""]);
        var first = await LoadAsync(path, TrainingChoice.None);
        Assert.Equal((6, 1), (first.Stored, first.Rejected));
        Assert.StartsWith("line 7 (row 5)", Assert.Single(first.Rejections), StringComparison.Ordinal);
        Assert.Equal(6, (await LoadAsync(path, TrainingChoice.None)).Stored);
        var resumed = await LoadAsync(path, TrainingChoice.None, resume: true);
        Assert.Equal((0, 6, 1), (resumed.Stored, resumed.Skipped, resumed.Rejected));

        Assert.Equal(6, (await Client.GetStatusAsync(Stop)).Points);
        var question = new SearchInput { Text = "a person who studies insects", TopK = 1, ShardsToSearch = "all" };
        var found = Assert.Single((await Client.SearchAsync(question, Stop)).Results);
        Assert.Equal((PointId.From(0), Texts[0]), (found.Id, found.Text));
    }

    [Fact]
    public async Task TrainingWanted_GivesCentroidsBeforeTheFirstRow()
    {
        var path = WriteCsv([.. Texts.Select((text, i) => $"{i},\"{text}\"")]);
        await LoadAsync(path, new TrainingChoice(true, 5));
        var status = await Client.GetStatusAsync(Stop);
        Assert.True(status.HasCentroids);
        Assert.Equal(5, status.Points);
        // Wanted again: the points that are there move.
        Assert.DoesNotContain("not trained", await NotesOfTrainingAgainAsync(path), StringComparison.Ordinal);
        Assert.Equal(5, (await Client.GetStatusAsync(Stop)).Points);
    }

    [Fact]
    public async Task VectorsOfAnotherSize_AreLeftOutAlone()
    {
        var path = Path.Combine(_folder, "vectors.jsonl");
        await File.WriteAllTextAsync(path, """
            {"id":"a","vector":[1,0,0],"payload":{"n":1}}
            {"id":"b","vector":[1,0]}
            {"id":"c","vector":[0,1,0],"text":"kept"}
            """, Stop);
        // One at a time, so that the first vector is the one that sets the size.
        var progress = await LoadAsync(path, TrainingChoice.None, batchSize: 1);
        Assert.Equal((2, 1), (progress.Stored, progress.Rejected));
        var rejection = Assert.Single(progress.Rejections);
        Assert.StartsWith("line 2 (row 1) is left out: the server refuses it", rejection, StringComparison.Ordinal);
        var kept = await Client.FindPointAsync(PointId.FromText("c"), withVector: true, Stop);
        Assert.Equal("kept", kept!.Text);
        Assert.Equal([0f, 1f, 0f], kept.Vector!);
        Assert.Null(await Client.FindPointAsync(PointId.FromText("b"), withVector: false, Stop));
    }

    async Task<string> NotesOfTrainingAgainAsync(string path)
    {
        var progress = await LoadAsync(path, new TrainingChoice(true, 5));
        Assert.Equal(5, progress.Stored);
        var notes = new StringBuilder();
        while (progress.TryTakeNote(out var note))
            notes.AppendLine(note);
        return notes.ToString();
    }

    async Task<LoadProgress> LoadAsync(string path, TrainingChoice training, bool resume = false, int batchSize = 64)
    {
        var run = new LoadRun
        {
            Path = path,
            Url = Client.Address,
            Training = training,
            Resume = resume,
            Load = new LoadOptions { BatchSize = batchSize, InFlight = batchSize == 1 ? 1 : 8 },
        };
        var input = new LoadInput(path, run.Format, run.Limit);
        using var reader = input.Open();
        var progress = new LoadProgress { BytesTotal = input.Length };
        await run.LoadAsync(Client, input, reader, await Client.GetStatusAsync(Stop), progress, Stop);
        Assert.Equal(input.Length, progress.BytesDone);
        return progress;
    }

    string WriteCsv(string[] rows)
    {
        var path = Path.Combine(_folder, "rows.csv");
        File.WriteAllText(path, "id,text\n" + string.Join('\n', rows) + "\n");
        return path;
    }
}
