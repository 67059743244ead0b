using System.Diagnostics;
using VectorDb.Engine;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Benchmarking;

/// <summary>What to measure.</summary>
public sealed record IndexBenchmarkOptions
{
    /// <summary>File of the vectors to index.</summary>
    public required string Base { get; init; }

    /// <summary>File of the queries; null takes the last thousand vectors, which are then not indexed.</summary>
    public string? Queries { get; init; }

    public Metric Metric { get; init; }

    /// <summary>Numbers of searching threads, each a part of the sweep.</summary>
    public IReadOnlyList<int> Threads { get; init; } = [1, 2];

    /// <summary>Vectors to index at most.</summary>
    public int Limit { get; init; } = int.MaxValue;

    /// <summary>Programs of <c>benchmarks/peers</c> to run in turns with the index.</summary>
    public IReadOnlyList<string> Peers { get; init; } = [];

    /// <summary>Times that every setting is run; the best counts.</summary>
    public int Rounds { get; init; } = 3;

    /// <summary>Measure the index with the setting VectorDb:CompactIndex.</summary>
    public bool IsCompact { get; init; }

    /// <summary>Percent of the vectors to delete and insert anew before everything is measured again; 0 for none.</summary>
    public int Churn { get; init; }
}

/// <summary>Measures the index against exact truth, and beside peers in the same minutes on the same machine.</summary>
public sealed class IndexBenchmark(IndexBenchmarkOptions options, IndexReport report, StepDisplay steps)
{
    /// <summary>Queries a call where calls are batches.</summary>
    const int BatchSize = 64;

    /// <summary>Vectors an insert, as a shard gets them from a load.</summary>
    const int AddBatch = 256;

    static readonly int[] Widths = [10, 15, 20, 25, 30, 40, 50, 60, 80, 100, 130, 170, 220, 300];

    /// <exception cref="CommandFailure">A file or a peer is wrong.</exception>
    /// <exception cref="OperationCanceledException">Stopped.</exception>
    public void Run(CancellationToken stop)
    {
        var workload = Workload.Load(options, steps, stop);
        report.Describe(workload);
        using var index = new IndexTrial(workload.Dimensions, workload.Metric, options.IsCompact);
        var build = Build(workload, index, stop);
        var peers = new List<PeerProcess>();
        try
        {
            StartPeers(workload, peers, stop);
            var runs = Sweep(new SearchRun(workload, index, stop), peers, stop);
            report.Settings(runs, index.Scans);
            var totals = new IndexTotals(build, index.Bytes / (double)workload.Count, Start(workload, index, stop));
            if (options.Churn > 0)
                Churn(workload, index, stop);
            steps.Show("inserting while two threads search", 0);
            var writes = WriteRun.Measure(workload, index, stop);
            report.Totals(totals, writes);
            report.Ratios(runs, build, peers);
        }
        finally
        {
            peers.ForEach(peer => peer.Dispose());
        }
    }

    double Build(Workload workload, IndexTrial index, CancellationToken stop)
    {
        var clock = Stopwatch.StartNew();
        for (var at = 0; at < workload.Count; at += AddBatch)
        {
            stop.ThrowIfCancellationRequested();
            index.Add(at, workload.Rows(at, Math.Min(AddBatch, workload.Count - at)));
            steps.Show("inserting", at / (double)workload.Count);
        }
        return clock.Elapsed.TotalSeconds;
    }

    void StartPeers(Workload workload, List<PeerProcess> peers, CancellationToken stop)
    {
        if (options.Peers.Count == 0)
            return;
        var folder = Directory.CreateTempSubdirectory("vectordb-bench").FullName;
        try
        {
            workload.WriteFor(folder);
            foreach (var command in options.Peers)
            {
                steps.Show($"waiting for {command} to build", 0);
                peers.Add(new PeerProcess(command, folder, workload.Metric, stop));
            }
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    // Setting by setting in turns: a machine that slows down slows all of them.
    IReadOnlyCollection<Measurement> Sweep(SearchRun ours, List<PeerProcess> peers, CancellationToken stop)
    {
        var best = new Dictionary<(string?, int, int, int), Measurement>();
        var settings = peers.Select(peer => peer.Parameters.Count).Append(Widths.Length).Max();
        for (var round = 0; round < options.Rounds; round++)
            foreach (var threads in options.Threads)
                for (var i = 0; i < settings; i++)
                {
                    steps.Show("searching", (round + i / (double)settings) / options.Rounds);
                    if (i < Widths.Length)
                    {
                        Keep(ours.Measure(Widths[i], threads, batch: 1));
                        Keep(ours.Measure(Widths[i], threads, BatchSize));
                    }
                    foreach (var peer in peers.Where(peer => i < peer.Parameters.Count))
                        Keep(peer.Measure(peer.Parameters[i], threads));
                    stop.ThrowIfCancellationRequested();
                }
        return best.Values;

        void Keep(Measurement run)
        {
            var setting = (run.Library, run.Threads, run.Batch, run.Parameter);
            best[setting] = run.Better(best.GetValueOrDefault(setting));
        }
    }

    // Until the first answer, from a file that the system has just written and so has in memory.
    double? Start(Workload workload, IndexTrial index, CancellationToken stop)
    {
        if (index.Scans)
            return null;
        steps.Show("starting from a checkpoint", 0);
        var folder = Directory.CreateTempSubdirectory("vectordb-bench").FullName;
        try
        {
            var path = Path.Combine(folder, "checkpoint");
            index.Save(path);
            stop.ThrowIfCancellationRequested();
            var clock = Stopwatch.StartNew();
            using var started = new IndexTrial(workload.Dimensions, workload.Metric, options.IsCompact);
            started.Load(path, index);
            started.NewReader(Workload.Neighbors).Search(
                workload.Queries.AsSpan(0, workload.Dimensions), new int[Workload.Neighbors], stop);
            return clock.Elapsed.TotalSeconds;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    void Churn(Workload workload, IndexTrial index, CancellationToken stop)
    {
        var rows = Enumerable.Range(0, workload.Count).ToArray();
        new Random(1).Shuffle(rows);
        rows = rows[..(int)(workload.Count * (long)options.Churn / 100)];
        for (var at = 0; at < rows.Length; at += AddBatch)
        {
            stop.ThrowIfCancellationRequested();
            steps.Show("deleting and inserting anew", at / (double)rows.Length);
            var part = rows[at..Math.Min(at + AddBatch, rows.Length)];
            index.Remove(part);
            foreach (var row in part)
                index.Add(row, workload.Rows(row, 1));
        }
        report.AfterChurn(Sweep(new SearchRun(workload, index, stop), [], stop), options.Churn);
    }
}

/// <summary>What belongs to the index as a whole.</summary>
/// <param name="BuildSeconds">Inserting all vectors, in batches, linked and searchable.</param>
/// <param name="BytesPerVector">Of memory.</param>
/// <param name="StartSeconds">From a checkpoint to the first answer; null where the index is so small that it scans.</param>
public sealed record IndexTotals(double BuildSeconds, double BytesPerVector, double? StartSeconds);
