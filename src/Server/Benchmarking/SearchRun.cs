using System.Diagnostics;
using VectorDb.Engine;

namespace VectorDb.Server.Benchmarking;

/// <summary>Searches an index with all queries of a workload, in one setting at a time.</summary>
public sealed class SearchRun(Workload workload, IndexTrial index, CancellationToken stop)
{
    /// <summary>A thousand queries may take no more than 10 ms, so few of them are asked several times.</summary>
    const int LeastQueries = 3000;

    public Measurement Measure(int width, int threads, int batch)
    {
        index.Width = width;
        var callsAPass = (workload.QueryCount + batch - 1) / batch;
        var passes = (LeastQueries + workload.QueryCount - 1) / workload.QueryCount;
        var took = new double[callsAPass * passes];
        var (next, hits, began) = (-1, 0L, 0L);
        using var start = new Barrier(threads);
        var pool = Enumerable.Range(0, threads).Select(_ => new Thread(Work)).ToArray();
        foreach (var thread in pool)
            thread.Start();
        foreach (var thread in pool)
            thread.Join();
        var seconds = Stopwatch.GetElapsedTime(began).TotalSeconds;
        stop.ThrowIfCancellationRequested();
        Array.Sort(took);
        var queries = workload.QueryCount * (long)passes;
        return new Measurement
        {
            Parameter = width,
            Threads = threads,
            Batch = batch,
            Recall = hits / (double)(queries * Workload.Neighbors),
            Qps = queries / seconds,
            P50Us = took[took.Length / 2],
            P99Us = took[took.Length * 99 / 100],
        };

        void Work()
        {
            var reader = index.NewReader(Workload.Neighbors);
            var rows = new int[batch * Workload.Neighbors];
            start.SignalAndWait();
            Interlocked.CompareExchange(ref began, Stopwatch.GetTimestamp(), 0);
            for (int call; (call = Interlocked.Increment(ref next)) < took.Length && !stop.IsCancellationRequested;)
            {
                var first = call % callsAPass * batch;
                var asked = workload.Queries.AsSpan(first * workload.Dimensions);
                asked = asked[..Math.Min(asked.Length, batch * workload.Dimensions)];
                var at = Stopwatch.GetTimestamp();
                reader.Search(asked, rows);
                took[call] = Stopwatch.GetElapsedTime(at).TotalMicroseconds;
                Interlocked.Add(ref hits, workload.Hits(first, asked.Length / workload.Dimensions, rows));
            }
        }
    }
}
