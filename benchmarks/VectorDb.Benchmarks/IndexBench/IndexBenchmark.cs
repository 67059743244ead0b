using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using VectorDb.Engine;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>What to measure.</summary>
public sealed record IndexBenchmarkOptions
{
    public required string Base { get; init; }

    public string? Queries { get; init; }

    public Metric Metric { get; init; } = Metric.Cosine;

    public IReadOnlyList<int> Threads { get; init; } = [1, 2];

    public int Limit { get; init; } = int.MaxValue;

    public int BuildWidth { get; init; } = new GraphOptions().BuildWidth;

    public bool Json { get; init; }

    /// <summary>The compiled program of <c>benchmarks/peers</c> to interleave with; null for none.</summary>
    public string? Peer { get; init; }

    /// <summary>Times that every setting is run; the best counts.</summary>
    public int Rounds { get; init; } = 5;
}

/// <summary>Measures the index against exact truth, and beside a peer in the same minutes on the same machine.</summary>
public sealed class IndexBenchmark(IndexBenchmarkOptions options, TextWriter output)
{
    const int BatchSize = 64;

    static readonly int[] Widths = [10, 15, 20, 30, 40, 50, 60, 80, 100, 130, 170, 220, 300];
    static readonly int[] PeerWidths = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 150, 200];

    // A recall that no setting reached has no time.
    static readonly JsonSerializerOptions WithNaN = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    readonly Dictionary<(string, int, int, int), Measurement> _best = [];

    public int Run()
    {
        var workload = Workload.Load(options.Base, options.Queries, options.Metric, options.Limit);
        Say($"{workload.Count} vectors of {workload.Dimensions}, {workload.QueryCount} queries, {options.Metric}");
        using var ours = new IndexRun(workload, new GraphOptions { FlatBelow = 0, BuildWidth = options.BuildWidth });
        Say($"built in {ours.BuildSeconds:F1} s");
        using var peer = options.Peer is null ? null : StartPeer(workload, options.Peer);
        for (var round = 0; round < options.Rounds; round++)
            MeasureAll(ours, peer);
        foreach (var run in _best.Values.OrderBy(r => r.Library).ThenBy(r => r.Threads).ThenBy(r => r.Batch).ThenBy(r => r.Parameter))
            output.WriteLine(options.Json ? run.ToJson() : ToRow(run));
        PrintTotals(workload, ours);
        if (peer is not null)
            PrintRatios(ours, peer);
        return 0;
    }

    PeerProcess StartPeer(Workload workload, string program)
    {
        var folder = Directory.CreateTempSubdirectory("vectordb-bench").FullName;
        try
        {
            workload.WriteFor(folder);
            return new PeerProcess(program, folder, options.Metric, Environment.ProcessorCount);
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    void MeasureAll(IndexRun ours, PeerProcess? peer)
    {
        foreach (var threads in options.Threads)
            for (var i = 0; i < Math.Max(Widths.Length, PeerWidths.Length); i++)
            {
                if (i < Widths.Length)
                    Keep(ours.Measure(Widths[i], threads, batch: 1));
                if (peer is not null && i < PeerWidths.Length)
                    Keep(peer.Measure(PeerWidths[i], threads));
                if (i < Widths.Length && threads == 1)
                    Keep(ours.Measure(Widths[i], threads, BatchSize));
            }
    }

    void Keep(Measurement run)
    {
        var setting = (run.Library, run.Threads, run.Batch, run.Parameter);
        _best[setting] = run.Better(_best.GetValueOrDefault(setting));
    }

    void PrintTotals(Workload workload, IndexRun ours)
    {
        var writes = WriteRun.Measure(workload, ours, new GraphOptions().SearchWidth);
        output.WriteLine(JsonSerializer.Serialize(new
        {
            build_s = Math.Round(ours.BuildSeconds, 2),
            bytes_per_vector = Math.Round(ours.Index.Bytes / (double)workload.Count),
            insert_p50_us = Math.Round(writes.InsertP50Us, 1),
            insert_p99_us = Math.Round(writes.InsertP99Us, 1),
            search_share_while_inserting = Math.Round(writes.SearchShare, 2),
        }));
    }

    void PrintRatios(IndexRun ours, PeerProcess peer)
    {
        foreach (var recall in new[] { 0.9, 0.95, 0.98, 0.99, 0.995 })
        {
            var (single, peers) = (Time("vectordb", 1, 1), Time(peer.Library, 1, 1));
            output.WriteLine(JsonSerializer.Serialize(new
            {
                recall,
                vectordb_us = Math.Round(single, 1),
                peer_us = Math.Round(peers, 1),
                ratio = Math.Round(peers / single, 2),
                batch_64_gain = Math.Round(single / Time("vectordb", 1, BatchSize), 2),
                two_threads_gain = Math.Round(Rate("vectordb", 2) / Rate("vectordb", 1), 2),
            }, WithNaN));

            double Time(string library, int threads, int batch) => Measurement.TimeAt(recall, _best.Values.Where(
                r => r.Library == library && r.Threads == threads && r.Batch == batch));
            double Rate(string library, int threads) => _best.Values
                .Where(r => r.Library == library && r.Threads == threads && r.Batch == 1 && r.Recall >= recall)
                .Max(r => (double?)r.Qps) ?? double.NaN;
        }
        output.WriteLine(JsonSerializer.Serialize(new
        {
            build_ratio = Math.Round(peer.BuildSeconds / ours.BuildSeconds, 2),
            peer_build_s = Math.Round(peer.BuildSeconds, 2),
        }));
    }

    void Say(string line)
    {
        if (!options.Json)
            output.WriteLine(line);
    }

    static string ToRow(Measurement run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Library,-9} parameter {run.Parameter,4}  threads {run.Threads}  batch {run.Batch,2}  recall {run.Recall:F4}"
        + $"  {run.Qps,8:F0}/s  p50 {run.P50Us,8:F1} us  p99 {run.P99Us,8:F1} us");
}
