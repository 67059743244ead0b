using System.Diagnostics;
using VectorDb.Engine.Index;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>What single writes cost while two threads search, and what the searches lose by them.</summary>
/// <param name="InsertP50Us">Median of one insert, microseconds.</param>
/// <param name="InsertP99Us">The slowest hundredth begins here.</param>
/// <param name="SearchShare">Searches a second during the writes, as part of those before.</param>
sealed record WriteRun(double InsertP50Us, double InsertP99Us, double SearchShare)
{
    const int Writes = 2000;
    const int SearchThreads = 2;

    /// <summary>Replaces the last rows one by one, each removal followed by the insert of the same vector.</summary>
    public static WriteRun Measure(Workload workload, IndexRun run, int width)
    {
        run.Index.SearchWidth = width;
        var quiet = SearchesASecond(workload, run, () => Task.Delay(TimeSpan.FromSeconds(2)).Wait());
        var took = new double[Math.Min(Writes, workload.Count / 4)];
        var busy = SearchesASecond(workload, run, () =>
        {
            for (var i = 0; i < took.Length; i++)
            {
                var row = workload.Count - 1 - i;
                run.Index.Remove([row]);
                var start = Stopwatch.GetTimestamp();
                run.Index.Add([row], workload.Row(row));
                took[i] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
            }
        });
        Array.Sort(took);
        return new WriteRun(took[took.Length / 2], took[took.Length * 99 / 100], busy / quiet);
    }

    static double SearchesASecond(Workload workload, IndexRun run, Action meanwhile)
    {
        var (stop, done) = (false, 0L);
        // Rows that are being replaced must not be in the snapshot of a search.
        var live = run.Live;
        run.Live = live.With([], Enumerable.Range(workload.Count - workload.Count / 4, workload.Count / 4).ToArray());
        var threads = Enumerable.Range(0, SearchThreads).Select(_ => new Thread(Search)).ToArray();
        var clock = Stopwatch.StartNew();
        foreach (var thread in threads)
            thread.Start();
        meanwhile();
        var rate = Interlocked.Read(ref done) / clock.Elapsed.TotalSeconds;
        Volatile.Write(ref stop, true);
        foreach (var thread in threads)
            thread.Join();
        run.Live = live;
        return rate;

        void Search()
        {
            TopK[] nearest = [new TopK()];
            for (var query = 0; !Volatile.Read(ref stop); query = (query + 1) % workload.QueryCount)
            {
                run.Search(query, nearest);
                Interlocked.Increment(ref done);
            }
        }
    }
}
