using System.CommandLine;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Benchmarking;
using VectorDb.Server.Benchmarking.Shards;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>bench shards</c>.</summary>
public static class BenchShardsCommand
{
    public static Command Create()
    {
        var texts = new Option<string[]>("--texts")
        {
            Description = "File of texts to embed, as load reads it; repeat it for several (default: the glosses of samples/).",
            HelpName = "file",
        };
        var vectors = new Option<string>("--vectors") { Description = "Vectors instead of texts. .npy or .fvecs.", HelpName = "file" };
        var model = new Option<string>("--model")
        {
            Description = "Embedding model (default: all-MiniLM-L6-v2).",
            HelpName = "name",
            DefaultValueFactory = _ => new VectorDbOptions().Model,
        };
        var models = new Option<string>("--models") { Description = "Folder of the models.", HelpName = "folder" };
        var points = SharedOptions.Number("--points", "Points to store (default: 10,000, or all but the queries).", 10, 1_000_000);
        var queries = SharedOptions.Number(
            "--queries", "Searches that are timed, of vectors that are not stored (default: 200).", 10, 100_000);
        queries.DefaultValueFactory = _ => 200;
        var shards = new Option<int[]>("--shards")
        {
            Description = "Numbers of shards.",
            HelpName = "1,2",
            CustomParser = result => BenchCommand.ParseNumbers(result, Limits.ShardsMax),
            DefaultValueFactory = _ => [1, 2, 4, 8, 16, 32, 64, 128, 256],
        };
        var output = new Option<string>("--out")
        {
            Description = "Folder for the results, shards.jsonl, to plot; those of other sizes and counts that are there stay.",
            HelpName = "folder",
        };
        var json = SharedOptions.Json();
        json.Description = "Print JSON objects, one a line, and nothing else.";
        var command = new CommandWithExamples("shards",
            "Search time, recall and memory over the number of shards: the whole pipeline in this process, loaded and trained for each.",
            "vectordb bench shards --shards 1,4,16 --out results",
            "vectordb bench shards --texts ag_news_test.csv --texts samples/wordnet_10k.csv --model all-mpnet-base-v2 --out results",
            "vectordb bench shards --vectors vectors.npy --points 10000 --json");
        foreach (var option in new Option[] { texts, vectors, model, models, points, queries, shards, output, json })
            command.Options.Add(option);
        command.SetAction((parsed, stop) => RunAsync(
            new()
            {
                Vectors = parsed.GetValue(vectors),
                Texts = parsed.GetValue(texts) is { Length: > 0 } given ? given : [Installation.Sample("wordnet_10k.csv")],
                Model = parsed.GetValue(model)!,
                ModelPath = Installation.ModelPath(parsed.GetValue(models)) ?? new VectorDbOptions().ModelPath,
                Points = parsed.GetResult(points) is null ? null : parsed.GetValue(points),
                Queries = parsed.GetValue(queries),
                Shards = parsed.GetValue(shards)!,
                Folder = parsed.GetValue(output),
            },
            parsed.GetValue(json),
            stop));
        return command;
    }

    static async Task<int> RunAsync(ShardsBenchmarkOptions options, bool isJson, CancellationToken stop)
    {
        var steps = new StepDisplay(Console.Error, Terminal.NotesAreOnScreen);
        var report = new ShardsReport(Console.Out, isJson, steps);
        var workload = await Task.Run(() => ShardsWorkload.Load(options, steps, stop), stop);
        report.Describe(workload);
        await new ShardsBenchmark(options, steps).RunAsync(workload, Take, stop);
        if (options.Folder is not null && !isJson)
            Console.Out.WriteLine($"Plots: dotnet run -c Release --project benchmarks/VectorDb.Benchmarks -- plot-shards {options.Folder}");
        return 0;

        // At once, so that a run that is stopped has not been for nothing.
        void Take(ShardsMeasurement one)
        {
            report.Add(one);
            if (options.Folder is { } folder)
                ShardsResults.Add(folder, one);
        }
    }
}
