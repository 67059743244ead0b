using System.Text.Json;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>What one setting of the search parameter gave, as <c>bench index --json</c> prints it.</summary>
public sealed record Measurement
{
    /// <summary>Whose: ours, or a peer.</summary>
    public required string Library { get; init; }

    public required int Parameter { get; init; }

    public required int Threads { get; init; }

    /// <summary>Queries a call.</summary>
    public required int Batch { get; init; }

    /// <summary>Part of the ten nearest that was found, mean over the queries.</summary>
    public required double Recall { get; init; }

    public required double Qps { get; init; }

    /// <summary>Median time of a call, microseconds.</summary>
    public required double P50Us { get; init; }

    public required double P99Us { get; init; }

    /// <summary>The better of two runs of the same setting: the machine may have been busy during the other.</summary>
    public Measurement Better(Measurement? other) => other is null ? this : this with
    {
        Qps = Math.Max(Qps, other.Qps),
        P50Us = Math.Min(P50Us, other.P50Us),
        P99Us = Math.Min(P99Us, other.P99Us),
    };

    public string ToJson() => JsonSerializer.Serialize(new
    {
        library = Library,
        parameter = Parameter,
        threads = Threads,
        batch = Batch,
        recall = Math.Round(Recall, 4),
        qps = Math.Round(Qps),
        p50_us = Math.Round(P50Us, 1),
        p99_us = Math.Round(P99Us, 1),
    });

    public static Measurement FromJson(string library, string line)
    {
        var json = JsonDocument.Parse(line).RootElement;
        return new Measurement
        {
            Library = library,
            Parameter = json.GetProperty("parameter").GetInt32(),
            Threads = json.GetProperty("threads").GetInt32(),
            Batch = json.GetProperty("batch").GetInt32(),
            Recall = json.GetProperty("recall").GetDouble(),
            Qps = json.GetProperty("qps").GetDouble(),
            P50Us = json.GetProperty("p50_us").GetDouble(),
            P99Us = json.GetProperty("p99_us").GetDouble(),
        };
    }

    /// <summary>
    /// Microseconds a query at this recall, by the median of calls, interpolated between the settings around it; NaN where
    /// they do not reach it. <paramref name="runs"/>: one library, one number of threads, one batch size.
    /// </summary>
    public static double TimeAt(double recall, IEnumerable<Measurement> runs)
    {
        Measurement? below = null;
        foreach (var run in runs.OrderBy(r => r.Recall))
        {
            if (run.Recall >= recall)
            {
                if (below is null)
                    return run.P50Us / run.Batch;
                var part = (recall - below.Recall) / (run.Recall - below.Recall);
                return (below.P50Us + part * (run.P50Us - below.P50Us)) / run.Batch;
            }
            below = run;
        }
        return double.NaN;
    }
}
