using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace VectorDb.Server.Benchmarking;

/// <summary>Prints what was measured: tables to read, or lines of JSON and nothing else.</summary>
public sealed class IndexReport(TextWriter output, bool json, StepDisplay steps)
{
    static readonly double[] Recalls = [0.9, 0.95, 0.98, 0.99, 0.995];

    // A recall that no setting reached has no time.
    static readonly JsonSerializerOptions WithNaN = new() { NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals };

    public void Describe(Workload workload) => Say(
        $"{workload.Count:N0} vectors of {workload.Dimensions}, {workload.QueryCount:N0} queries, {workload.Metric}, "
        + $"{Environment.ProcessorCount} cores");

    /// <summary>A line for each setting of the sweep.</summary>
    public void Settings(IEnumerable<Measurement> runs, bool scans)
    {
        steps.Clear();
        if (scans)
            Say("So few vectors are scanned, exactly: the parameter changes nothing. Give more to measure the graph.");
        Say($"{"",-12} {"parameter",9} {"threads",8} {"batch",6} {"recall@10",10} {"queries/s",10} {"p50 us",9} {"p99 us",9}");
        foreach (var run in runs.OrderBy(r => r.Library).ThenBy(r => r.Threads).ThenBy(r => r.Batch).ThenBy(r => r.Parameter))
            output.WriteLine(json ? run.ToJson() : ToRow(run));
    }

    /// <summary>The sweep once more, after many vectors were deleted and inserted again.</summary>
    public void AfterChurn(IEnumerable<Measurement> runs, int percent)
    {
        steps.Clear();
        Say($"after deleting and inserting again {percent} %:");
        foreach (var run in runs.OrderBy(r => r.Threads).ThenBy(r => r.Batch).ThenBy(r => r.Parameter))
            output.WriteLine(json ? (run with { Library = $"vectordb, {percent} % churned" }).ToJson() : ToRow(run));
    }

    public void Totals(IndexTotals totals, WriteRun writes)
    {
        steps.Clear();
        if (json)
        {
            output.WriteLine(JsonSerializer.Serialize(new
            {
                build_s = Math.Round(totals.BuildSeconds, 2),
                bytes_per_vector = Math.Round(totals.BytesPerVector),
                start_s = totals.StartSeconds is { } start ? Math.Round(start, 3) : (double?)null,
                insert_p99_us = Math.Round(writes.InsertP99Us, 1),
                insert_p50_us = Math.Round(writes.InsertP50Us, 1),
                search_share_while_inserting = Math.Round(writes.SearchShare, 2),
            }));
            return;
        }
        output.WriteLine(Line($"built by inserts in {totals.BuildSeconds:F1} s; {totals.BytesPerVector:N0} bytes of memory a vector"));
        if (totals.StartSeconds is { } seconds)
            output.WriteLine(Line($"first answer from a checkpoint after {seconds:F2} s"));
        output.WriteLine(Line($"an insert while two threads search: p50 {writes.InsertP50Us:F0} us, p99 {writes.InsertP99Us:F0} us; ")
            + Line($"the searches keep {writes.SearchShare:P0} of their speed"));
    }

    /// <summary>Ours against each peer, at equal recall, by queries a second.</summary>
    public void Ratios(IReadOnlyCollection<Measurement> runs, double buildSeconds, IReadOnlyList<PeerProcess> peers)
    {
        if (peers.Count > 0 || !json)
            Gains(runs);
        foreach (var peer in peers)
        {
            foreach (var recall in Recalls)
                Ratio(peer.Library, recall, Cost(runs, null, recall, 1, 1), Cost(runs, peer.Library, recall, 1, 1));
            if (json)
                output.WriteLine(JsonSerializer.Serialize(new
                {
                    peer = peer.Library,
                    peer_build_s = Math.Round(peer.BuildSeconds, 2),
                    build_ratio = Math.Round(peer.BuildSeconds / buildSeconds, 2),
                }));
            else
                output.WriteLine(Line(
                    $"{peer.Library} was built in {peer.BuildSeconds:F1} s, {peer.BuildSeconds / buildSeconds:F1} times ours"));
        }
    }

    void Ratio(string peer, double recall, double ours, double theirs)
    {
        if (json)
            output.WriteLine(JsonSerializer.Serialize(
                new
                {
                    peer,
                    recall,
                    ours_us = Math.Round(ours, 1),
                    peer_us = Math.Round(theirs, 1),
                    ratio = Math.Round(theirs / ours, 2),
                },
                WithNaN));
        else
            output.WriteLine(Line($"recall {recall:F3}: {ours,7:F1} us, {peer} {theirs,7:F1} us, {theirs / ours:F2} times"));
    }

    void Gains(IReadOnlyCollection<Measurement> runs)
    {
        var threads = runs.Max(run => run.Threads);
        foreach (var recall in Recalls)
        {
            var single = Cost(runs, null, recall, 1, 1);
            var (many, batch) = (single / Cost(runs, null, recall, threads, 1), single / Cost(runs, null, recall, 1, 64));
            if (double.IsNaN(many + batch))
                continue;
            if (json)
                output.WriteLine(JsonSerializer.Serialize(new
                {
                    gain_at_recall = recall,
                    threads,
                    threads_gain = Math.Round(many, 2),
                    batch_64_gain = Math.Round(batch, 2),
                }));
            else
                output.WriteLine(Line($"recall {recall:F3}: {threads} threads {many:F2} times one, 64 a call {batch:F2} times one a call"));
        }
    }

    static double Cost(IEnumerable<Measurement> runs, string? library, double recall, int threads, int batch) =>
        Measurement.CostAt(recall, runs.Where(run => run.Library == library && run.Threads == threads && run.Batch == batch));

    void Say(string line)
    {
        steps.Clear();
        if (!json)
            output.WriteLine(line);
    }

    static string ToRow(Measurement run) => string.Create(
        CultureInfo.InvariantCulture,
        $"{run.Library ?? "vectordb",-12} {run.Parameter,9} {run.Threads,8} {run.Batch,6} {run.Recall,10:F4}"
        + $" {run.Qps,10:F0} {run.P50Us,9:F1} {run.P99Us,9:F1}");

    static string Line(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}
