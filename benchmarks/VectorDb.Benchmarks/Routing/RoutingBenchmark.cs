using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.IngestWorker;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Benchmarks.Routing;

/// <summary>
/// What choosing shards costs in recall and saves in work: shards are searched exactly, so what is missing was in a shard that was
/// not asked. What an index loses within a shard is measured by `vectordb bench index`.
/// </summary>
static class RoutingBenchmark
{
    public static int Run(string[] args)
    {
        if (RoutingOptions.Read(args) is not { } options)
        {
            Console.Error.WriteLine("Usage: " + RoutingOptions.Usage);
            return 2;
        }
        try
        {
            var workload = RoutingWorkload.Read(options);
            Console.WriteLine($"{workload.Rows.Length} rows of {workload.Dimensions}, {workload.Queries.Length} queries, {options.Metric}");
            Console.WriteLine();
            foreach (var shards in options.Shards)
                Measure(workload, options, shards);
            return 0;
        }
        catch (CommandFailure refused)
        {
            Console.Error.WriteLine(refused.Message);
            return 1;
        }
    }

    static void Measure(RoutingWorkload workload, RoutingOptions options, int shards)
    {
        var placed = new RoutedShards(workload, options, shards);
        var start = Stopwatch.GetTimestamp();
        var bytes = placed.Sketch(options.Seed);
        var sketching = Stopwatch.GetElapsedTime(start);
        Console.WriteLine($"{shards} shards, the largest {placed.LargestToMean:f2} times the mean; trained from "
            + $"{placed.SampleRows} rows in {placed.Training.TotalSeconds:f1} s; a sketch takes "
            + $"{sketching.TotalMilliseconds / shards:f0} ms and {bytes / 1024.0 / shards:f0} KB\n");
        Console.WriteLine("| ask | recall@10 | of nearest centroids | points scanned | shards asked | choosing |");
        Console.WriteLine("|---|---|---|---|---|---|");
        foreach (var number in new[] { 1, 2, 4, 8 }.Where(number => number < shards))
            Row($"{number}", placed, workload, number, $"{Choose(workload, placed.CentroidRouter, placed, number).Recall:f3}");
        Row("auto, untried", placed, workload, SearchQuestion.AutoShards, "");
        start = Stopwatch.GetTimestamp();
        var bound = placed.Try(workload, options, AutoTrial.Searches);
        var trying = Stopwatch.GetElapsedTime(start);
        Row("auto", placed, workload, SearchQuestion.AutoShards, "");
        Row("all", placed, workload, SearchQuestion.AllShards, "");
        Console.WriteLine($"\nThe bound of auto, after {AutoTrial.Searches} searches ({trying.TotalSeconds:f1} s): {bound:0.0e0}\n");
    }

    static void Row(string ask, RoutedShards placed, RoutingWorkload workload, int number, string byCentroids)
    {
        var row = Choose(workload, placed.Router, placed, number);
        Console.WriteLine($"| {ask} | {row.Recall:f4} | {byCentroids} | {row.Share:f3} | {row.Asked:f1} | {row.Micros:f0} us |");
    }

    static (double Recall, double Share, double Asked, double Micros) Choose(
        RoutingWorkload workload, ShardRouter router, RoutedShards placed, int number)
    {
        var (found, share, asked, ticks) = (0.0, 0.0, 0.0, 0L);
        for (var q = 0; q < workload.Queries.Length; q++)
        {
            var start = Stopwatch.GetTimestamp();
            var chosen = router.Choose(workload.Queries[q], number, RoutingWorkload.Neighbors);
            ticks += Stopwatch.GetElapsedTime(start).Ticks;
            found += workload.Truth[q].Count(row => chosen.Contains(placed.OwnerOf(row)));
            share += placed.ShareOf(chosen);
            asked += chosen.Length;
        }
        var queries = workload.Queries.Length;
        var micros = TimeSpan.FromTicks(ticks).TotalMicroseconds;
        return (found / queries / RoutingWorkload.Neighbors, share / queries, asked / queries, micros / queries);
    }
}
