using System.Text.Json;
using System.Text.Json.Serialization;

namespace VectorDb.Server.Benchmarking;

/// <summary>What one setting of a search parameter gave. The JSON names are a promise: other programs read them.</summary>
public sealed record Measurement
{
    [JsonPropertyName("parameter")]
    public required int Parameter { get; init; }

    [JsonPropertyName("threads")]
    public required int Threads { get; init; }

    /// <summary>Queries a call.</summary>
    [JsonPropertyName("batch")]
    public required int Batch { get; init; }

    /// <summary>Part of the ten nearest that was found, mean over the queries.</summary>
    [JsonPropertyName("recall")]
    public required double Recall { get; init; }

    /// <summary>Queries a second, of all threads.</summary>
    [JsonPropertyName("qps")]
    public required double Qps { get; init; }

    /// <summary>Median time of a call (of the whole batch), microseconds.</summary>
    [JsonPropertyName("p50_us")]
    public required double P50Us { get; init; }

    [JsonPropertyName("p99_us")]
    public required double P99Us { get; init; }

    /// <summary>A peer's name; null for ours.</summary>
    [JsonPropertyName("library")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public string? Library { get; init; }

    /// <summary>The better of two runs of the same setting: the machine may have been busy during the other.</summary>
    public Measurement Better(Measurement? other) => other is null ? this : this with
    {
        Qps = Math.Max(Qps, other.Qps),
        P50Us = Math.Min(P50Us, other.P50Us),
        P99Us = Math.Min(P99Us, other.P99Us),
    };

    public string ToJson() => JsonSerializer.Serialize(this with
    {
        Recall = Math.Round(Recall, 4),
        Qps = Math.Round(Qps),
        P50Us = Math.Round(P50Us, 1),
        P99Us = Math.Round(P99Us, 1),
    });

    /// <summary>
    /// Microseconds that a query costs at this recall: interpolated between the fastest settings around it; NaN where none
    /// reaches it. <paramref name="runs"/>: one library, one number of threads, one batch size.
    /// </summary>
    public static double CostAt(double recall, IEnumerable<Measurement> runs)
    {
        var sorted = runs.OrderBy(run => run.Recall).ToList();
        var above = sorted.Where(run => run.Recall >= recall).MinBy(run => 1 / run.Qps);
        if (above is null)
            return double.NaN;
        var below = sorted.LastOrDefault(run => run.Recall < recall && run.Qps > above.Qps);
        if (below is null)
            return 1e6 / above.Qps;
        var part = (recall - below.Recall) / (above.Recall - below.Recall);
        return 1e6 / below.Qps + part * (1e6 / above.Qps - 1e6 / below.Qps);
    }
}
