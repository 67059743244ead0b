using System.Diagnostics;
using VectorDb.Engine;

namespace VectorDb.Server.Benchmarking;

/// <summary>What single writes cost while two threads search, and what the searches lose by them.</summary>
/// <param name="InsertP50Us">Median of one insert, microseconds.</param>
/// <param name="InsertP99Us">The slowest hundredth begins here.</param>
/// <param name="SearchShare">Searches a second during the writes, as part of those without.</param>
public sealed record WriteRun(double InsertP50Us, double InsertP99Us, double SearchShare)
{
    const int Writes = 2000;
    const int SearchThreads = 2;

    static readonly TimeSpan Quiet = TimeSpan.FromSeconds(1);

    /// <summary>Replaces the last rows one by one, without a pause: each is removed and inserted anew, and the inserts are timed.</summary>
    public static WriteRun Measure(Workload workload, IndexTrial index, CancellationToken stop)
    {
        var rows = Enumerable.Range(0, Math.Min(Writes, workload.Count / 4)).Select(i => workload.Count - 1 - i).ToArray();
        // A row may be added again only when no search can return it any more.
        index.Hide(rows);
        var without = SearchesASecond(workload, index, () => stop.WaitHandle.WaitOne(Quiet));
        var took = new double[rows.Length];
        var during = SearchesASecond(workload, index, () =>
        {
            for (var i = 0; i < rows.Length && !stop.IsCancellationRequested; i++)
            {
                index.Remove([rows[i]]);
                var vector = workload.Rows(rows[i], 1);
                var start = Stopwatch.GetTimestamp();
                index.Add(rows[i], vector);
                took[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        });
        stop.ThrowIfCancellationRequested();
        Array.Sort(took);
        return new WriteRun(took[took.Length / 2], took[took.Length * 99 / 100], during / without);
    }

    static double SearchesASecond(Workload workload, IndexTrial index, Action meanwhile)
    {
        var (over, done) = (false, 0L);
        var threads = Enumerable.Range(0, SearchThreads).Select(_ => new Thread(Search)).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var thread in threads)
            thread.Start();
        meanwhile();
        var rate = Interlocked.Read(ref done) / clock.Elapsed.TotalSeconds;
        Volatile.Write(ref over, true);
        foreach (var thread in threads)
            thread.Join();
        return rate;

        void Search()
        {
            var reader = index.NewReader(Workload.Neighbors);
            var rows = new int[Workload.Neighbors];
            for (var query = 0; !Volatile.Read(ref over); query = (query + 1) % workload.QueryCount)
            {
                reader.Search(workload.Queries.AsSpan(query * workload.Dimensions, workload.Dimensions), rows);
                Interlocked.Increment(ref done);
            }
        }
    }
}
