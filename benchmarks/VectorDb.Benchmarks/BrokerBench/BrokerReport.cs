using System.Globalization;
using System.Text;
using System.Text.Json;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>What the broker benchmark found: the median round of every way, and the ratios that the aims are about.</summary>
public sealed class BrokerReport
{
    public const string Bare = "bare";
    public const string Relayed = "relayed";
    public const string Promising = "promising";
    public const string Naive = "naive";
    public const string Ours = "ours";
    public const string Http = "http";
    public const string Writes = "writes";

    readonly BrokerOptions _options;
    readonly IReadOnlyDictionary<(string Way, int Callers), List<Sample>> _samples;

    public BrokerReport(BrokerOptions options, IReadOnlyDictionary<(string Way, int Callers), List<Sample>> samples) =>
        (_options, _samples) = (options, samples);

    public string ToTable()
    {
        var text = new StringBuilder();
        text.Append(CultureInfo.InvariantCulture, $"""
            {_options.Shards} shards in {_options.ShardProcesses} process(es), {_options.Vectors} vectors x {_options.Dimensions},
            top 10, all shards asked; median of {_options.Rounds} rounds of {_options.Seconds} s;
            {Environment.ProcessorCount} cores, {DateTime.UtcNow:yyyy-MM-dd}

            | Way | Callers | per second | p50 ms | p99 ms | CPU us each | of it broker |
            |---|---|---|---|---|---|---|

            """);
        foreach (var ((way, callers), samples) in _samples.OrderBy(pair => pair.Key.Callers == 0).ThenBy(pair => pair.Key.Callers))
            Row(text, way, callers, samples);
        text.AppendLine();
        foreach (var (name, value) in Ratios())
            text.AppendLine(CultureInfo.InvariantCulture, $"{name}: {value:0.00}");
        return text.ToString();
    }

    public string ToJson() => JsonSerializer.Serialize(
        new
        {
            Options = _options,
            Cores = Environment.ProcessorCount,
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Rows = _samples.Select(pair => new { pair.Key.Way, pair.Key.Callers, Rounds = pair.Value }),
            Ratios = Ratios().ToDictionary(ratio => ratio.Name, ratio => ratio.Value),
        },
        JsonSerializerOptions.Web);

    static void Row(StringBuilder text, string way, int callers, List<Sample> samples) => text.AppendLine(
        CultureInfo.InvariantCulture,
        $"| {way} | {(callers == 0 ? "-" : callers)} | {Median(samples, s => s.PerSecond):n0} | {Median(samples, s => s.P50Ms):0.00} "
        + $"| {Median(samples, s => s.P99Ms):0.00} | {Median(samples, s => s.CpuUs):0} | {Median(samples, s => s.BrokerCpuUs):0} |");

    /// <summary>The median of the rounds' ratios: what the machine did meanwhile hit both sides of one round alike.</summary>
    IEnumerable<(string Name, double Value)> Ratios()
    {
        foreach (var callers in _options.Callers)
        {
            if (Ratio(Ours, Naive, callers, sample => sample.PerSecond) is { } overNaive)
                yield return ($"{callers} callers: ours / naive, searches", overNaive);
            if (Ratio(Ours, Bare, callers, sample => sample.PerSecond) is { } overBare)
                yield return ($"{callers} callers: ours searches / bare round trips", overBare);
            if (Ratio(Ours, Bare, callers, sample => sample.P50Ms) is { } latency)
                yield return ($"{callers} callers: ours p50 / two bare round trips", latency / 2);
            if (Ratio(Promising, Bare, callers, sample => sample.P50Ms) is { } promising)
                yield return ($"{callers} callers: promising p50 / two bare round trips", promising / 2);
        }
    }

    double? Ratio(string way, string other, int callers, Func<Sample, double> value) =>
        _samples.TryGetValue((way, callers), out var left) && _samples.TryGetValue((other, callers), out var right)
            ? Middle(left.Zip(right, (l, r) => value(l) / value(r)))
            : null;

    static double Median(IEnumerable<Sample> samples, Func<Sample, double> value) => Middle(samples.Select(value));

    static double Middle(IEnumerable<double> values)
    {
        var sorted = values.Order().ToList();
        return (sorted[(sorted.Count - 1) / 2] + sorted[sorted.Count / 2]) / 2;
    }
}
