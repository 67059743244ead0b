using VectorDb.Engine;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>The command line of the index benchmark.</summary>
public static class IndexCommand
{
    const string Usage = """
        usage: index --base FILE [--queries FILE] [--metric cosine|dot|euclid] [--threads 1,2] [--limit N]
                     [--build-width N] [--peer PROGRAM] [--rounds N] [--json]
        FILE is .npy (float32, float16, int8) or .fvecs. Without --queries the last 1,000 rows of the base are the queries.
        """;

    /// <returns>0 when everything was measured, 2 when the arguments are wrong.</returns>
    public static int Run(ReadOnlySpan<string> arguments)
    {
        try
        {
            return new IndexBenchmark(Parse(arguments), Console.Out).Run();
        }
        catch (ArgumentException e)
        {
            Console.Error.WriteLine(e.Message);
            Console.Error.WriteLine(Usage);
            return 2;
        }
    }

    static IndexBenchmarkOptions Parse(ReadOnlySpan<string> arguments)
    {
        var options = new IndexBenchmarkOptions { Base = "" };
        for (var i = 0; i < arguments.Length; i++)
        {
            if (arguments[i] == "--json")
            {
                options = options with { Json = true };
                continue;
            }
            if (i + 1 == arguments.Length)
                throw new ArgumentException($"{arguments[i]} needs a value.");
            var (name, value) = (arguments[i], arguments[++i]);
            options = name switch
            {
                "--base" => options with { Base = value },
                "--queries" => options with { Queries = value },
                "--metric" => options with { Metric = ToMetric(value) },
                "--threads" => options with { Threads = value.Split(',').Select(part => ToNumber(name, part)).ToArray() },
                "--limit" => options with { Limit = ToNumber(name, value) },
                "--build-width" => options with { BuildWidth = ToNumber(name, value) },
                "--peer" => options with { Peer = value },
                "--rounds" => options with { Rounds = ToNumber(name, value) },
                _ => throw new ArgumentException($"{name} is not known."),
            };
        }
        return options.Base.Length > 0 ? options : throw new ArgumentException("--base is missing.");
    }

    static Metric ToMetric(string value) => Enum.TryParse<Metric>(value, ignoreCase: true, out var metric)
        ? metric
        : throw new ArgumentException($"--metric {value} is not known.");

    static int ToNumber(string name, string value) => int.TryParse(value, out var number) && number > 0
        ? number
        : throw new ArgumentException($"{name} {value} is not a number above 0.");
}
