using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using VectorDb.Engine;
using VectorDb.IngestWorker.Commands;
using VectorDb.Server.Benchmarking;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>bench</c> with its questions.</summary>
public static class BenchCommand
{
    /// <summary>More searching threads than this say nothing about an index.</summary>
    const int ThreadsMax = 256;

    public static Command Create() => new CommandWithExamples("bench", "Measure this machine with your own vectors.",
        "vectordb bench index --base vectors.npy --queries queries.npy",
        "vectordb bench shards --shards 1,4,16")
    {
        CreateIndex(),
        BenchShardsCommand.Create(),
    };

    static CommandWithExamples CreateIndex()
    {
        var vectors = File("--base", "Vectors to index.");
        vectors.Required = true;
        var queries = File("--queries", "Queries (default: the last 1,000 vectors of the base, which are then not indexed).");
        var metric = new Option<Metric>("--metric")
        {
            Description = "How vectors are compared (default: cosine).",
            HelpName = "cosine|dot|euclid",
            CustomParser = ParseMetric,
        };
        var threads = new Option<int[]>("--threads")
        {
            Description = "Numbers of searching threads.",
            HelpName = "1,2",
            CustomParser = result => ParseNumbers(result, ThreadsMax),
            DefaultValueFactory = _ => [1, 2],
        };
        var limit = SharedOptions.Number("--limit", "Index so many vectors at most (default: all).", 1, int.MaxValue);
        limit.DefaultValueFactory = _ => int.MaxValue;
        var rounds = SharedOptions.Number("--rounds", "Times that every setting is run; the best counts (default: 3).", 1, 100);
        rounds.DefaultValueFactory = _ => 3;
        var churn = SharedOptions.Number(
            "--churn", "Then delete and insert again so many percent, and measure again (default: 0).", 0, 100);
        var compact = new Option<bool>("--compact") { Description = "Measure the compact index (VectorDb:CompactIndex)." };
        var peers = new Option<string[]>("--peer")
        {
            Description = "Program to compare with, in turns; repeat it for several (benchmarks/peers).",
            HelpName = "program",
        };
        var json = SharedOptions.Json();
        json.Description = "Print JSON objects, one a line, and nothing else.";
        var command = new CommandWithExamples("index", "Recall, speed and memory of the index, against an exact scan.",
            "vectordb bench index --base vectors.npy --queries queries.npy",
            "vectordb bench index --base vectors.fvecs --metric euclid --threads 1,2,4 --json")
        {
            Remarks = """
                Files: .npy of two dimensions in C order (float32, float16 or int8), or .fvecs (float32). For cosine,
                vectors are normalised. The parameter is how many candidates a search keeps. With --json there is a line
                for each setting (parameter, threads, batch, recall, qps, p50_us, p99_us; times are of a call, so of 64
                queries where batch is 64), then one with build_s (all vectors inserted in batches of 256),
                bytes_per_vector (memory), start_s (from a checkpoint to the first answer; null where the index still
                scans) and insert_p99_us (single inserts without a pause while two threads search).
                """,
        };
        foreach (var option in new Option[] { vectors, queries, metric, threads, limit, rounds, churn, compact, peers, json })
            command.Options.Add(option);
        command.SetAction((parsed, stop) => Task.Run(() =>
        {
            var steps = new StepDisplay(Console.Error, Terminal.NotesAreOnScreen);
            var options = new IndexBenchmarkOptions
            {
                Base = parsed.GetValue(vectors)!,
                Queries = parsed.GetValue(queries),
                Metric = parsed.GetValue(metric),
                Threads = parsed.GetValue(threads)!,
                Limit = parsed.GetValue(limit),
                Rounds = parsed.GetValue(rounds),
                Churn = parsed.GetValue(churn),
                IsCompact = parsed.GetValue(compact),
                Peers = parsed.GetValue(peers) ?? [],
            };
            new IndexBenchmark(options, new IndexReport(Console.Out, parsed.GetValue(json), steps), steps).Run(stop);
            return 0;
        }));
        return command;
    }

    static Option<string> File(string name, string description) =>
        new(name) { Description = $"{description} .npy or .fvecs.", HelpName = "file" };

    static Metric ParseMetric(ArgumentResult result)
    {
        var text = result.Tokens[0].Value;
        if (Enum.TryParse<Metric>(text, ignoreCase: true, out var metric) && Enum.IsDefined(metric) && char.IsLetter(text[0]))
            return metric;
        result.AddError($"--metric '{text}' is none of: cosine, dot, euclid.");
        return default;
    }

    /// <summary>Numbers from 1, separated by commas.</summary>
    internal static int[] ParseNumbers(ArgumentResult result, int most)
    {
        var text = result.Tokens[0].Value;
        var numbers = text.Split(',')
            .Select(part => int.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0).ToArray();
        if (Array.Exists(numbers, number => number < 1 || number > most))
            result.AddError(
                $"{((OptionResult)result.Parent!).Option.Name} '{text}' is no list of numbers from 1 to {most}, such as 1,2.");
        return numbers;
    }
}
