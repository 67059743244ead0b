using System.Diagnostics;
using Spectre.Console;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;

namespace VectorDb.Server.Commands.Demo;

/// <summary>
/// The demo from start to end. Everything goes over HTTP through the whole pipeline, as any other program's requests
/// would.
/// </summary>
public sealed class DemoRun(ServeOptions options, bool exitAtEnd, Interruption interruption)
{
    static readonly string[] ShownQuestions =
    [
        "a person who studies insects",
        "a tower with a bright light that guides ships",
        "to speak very quietly",
        "sadness after someone has died",
        "water falling over the edge of a cliff",
        "the study of the mind and how people behave",
    ];

    static readonly int[] ShardCounts = [1, 2, 4];

    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(CancellationToken stop)
    {
        var glosses = Installation.Sample("wordnet_10k.csv");
        var questions = Question.ReadAll(Installation.Sample("questions.csv"));
        Title("Starting the server: 4 shards, one process");
        await using (var server = await RunningServer.StartAsync(options, stop))
        {
            var status = server.Status;
            Say($"Ready on {server.Address}. Model {status.Model?.Name}, data in {options.DataPath}.");
            await LoadAsync(server, glosses, stop);
            await ShowShardsAsync(server.Client, stop);
            await ShowSearchesAsync(server.Client, stop);
            await ShowRecallAsync(server.Client, questions, stop);
            if (exitAtEnd)
                return 0;
            ShowNextSteps(server.Address);
            await server.WaitAsync(stop);
            Say("Stopping.");
        }

        Say($"Stopped. The points stay in {options.DataPath}; the next demo finds them there.");
        return interruption.IsTermination ? 0 : Interruption.ExitCode;
    }

    static async Task LoadAsync(RunningServer server, string path, CancellationToken stop)
    {
        Title("Loading a dictionary by meaning: 10,000 glosses of WordNet");
        var load = new LoadRun { Path = path, Url = server.Client.Address, Resume = true };
        var input = new LoadInput(path, load.Format, load.Limit);
        using var reader = input.Open();
        var progress = new LoadProgress { BytesTotal = input.Length };
        var clock = Stopwatch.StartNew();
        try
        {
            await new LoadDisplay(progress).ShowAsync(load.LoadAsync(server.Client, input, reader, server.Status, progress, stop));
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            Say($"{progress.Stored:N0} glosses are stored. The next demo goes on from there.");
            throw;
        }

        var seconds = clock.Elapsed.TotalSeconds;
        if (progress.Skipped > 0)
            Say($"{progress.Skipped:N0} points are there from an earlier run: they are not loaded again.");
        if (progress.Stored > 0)
            Say($"{progress.Stored:N0} texts embedded, routed and stored in {seconds:N1} s "
                + $"({progress.Stored / seconds:N0} a second).");
    }

    static async Task ShowShardsAsync(VectorDbClient client, CancellationToken stop)
    {
        var status = await client.GetStatusAsync(stop);
        Title($"{status.Points:N0} points, each in the shard whose centroid is nearest");
        var chart = new BarChart().Width(70).UseValueFormatter(value => value.ToString("N0"));
        foreach (var shard in status.Shards)
            chart.AddItem($"shard {shard.Shard}", shard.Points, Color.Teal);
        Terminal.Output.Write(chart);
    }

    static async Task ShowSearchesAsync(VectorDbClient client, CancellationToken stop)
    {
        Title("Searching in plain words");
        foreach (var question in ShownQuestions)
        {
            var answer = await client.SearchAsync(new SearchInput { Text = question, TopK = 3, ShardsToSearch = "all" }, stop);
            Terminal.Output.MarkupLineInterpolated($"[bold]\"{question}\"[/]");
            foreach (var found in answer.Results)
                Terminal.Output.WriteLine($"  {found.Score:0.000}  {Question.WordsOf(found)}: {DefinitionOf(found)}");
        }
    }

    /// <summary>A gloss without its examples, which follow in quotes.</summary>
    static string DefinitionOf(PointAnswer found) => (found.Text ?? "").Split("; \"")[0];

    static async Task ShowRecallAsync(VectorDbClient client, IReadOnlyList<Question> questions, CancellationToken stop)
    {
        Title($"What asking fewer shards costs: {questions.Count} questions, 10 answers each");
        var measurement = await ShardRecall.MeasureAsync(client, questions, ShardCounts, stop);
        var table = new Table().Border(TableBorder.Simple);
        foreach (var heading in (string[])["shards_to_search", "median search time", "recall@10", "the word meant among the 10"])
            table.AddColumn(new TableColumn(heading).RightAligned());
        foreach (var row in measurement.Rows)
        {
            var found = $"{row.WordsFound} of {questions.Count}";
            table.AddRow($"{row.Shards}", $"{row.MedianMs:0.00} ms", $"{row.Recall:0.000}", found);
        }

        Terminal.Output.Write(table);
        Say($"Recall is measured against an exact scan of all shards. Times are HTTP round trips with the vector given;");
        Say($"embedding a question takes {measurement.EmbedMs:0.0} ms on top.");
    }

    static void ShowNextSteps(string address)
    {
        Title("Your turn: paste these in another terminal");
        foreach (var line in SampleRequests.CurlLines(address))
            Console.Out.WriteLine(line);
        Console.Out.WriteLine();
        Say($"{address}/ tells how the server is. Ctrl+C stops it.");
    }

    static void Title(string text)
    {
        Terminal.Output.WriteLine();
        Terminal.Output.MarkupLineInterpolated($"[bold teal]{text}[/]");
    }

    static void Say(string text) => Terminal.Output.WriteLine(text);
}
