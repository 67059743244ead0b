using System.Diagnostics;
using VectorDb.Engine.Index;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>Our index, filled from a workload and searched with settings of its width.</summary>
sealed class IndexRun : IDisposable
{
    const int AddBatch = 256;

    readonly Workload _workload;

    public IndexRun(Workload workload, GraphOptions options)
    {
        _workload = workload;
        Index = new GraphIndex(workload.Dimensions, workload.Metric, options);
        var slots = Enumerable.Range(0, workload.Count).ToArray();
        var clock = Stopwatch.StartNew();
        Index.Reserve(workload.Count);
        for (var at = 0; at < slots.Length; at += AddBatch)
        {
            var count = Math.Min(AddBatch, slots.Length - at);
            Index.Add(slots.AsSpan(at, count), workload.Base.AsSpan(at * workload.Dimensions, count * workload.Dimensions));
        }
        BuildSeconds = clock.Elapsed.TotalSeconds;
        Live = LiveSlots.Empty.With(slots, []);
    }

    public GraphIndex Index { get; }

    public double BuildSeconds { get; }

    public LiveSlots Live { get; set; }

    /// <summary>Runs all queries once.</summary>
    public Measurement Measure(int width, int threads, int batch)
    {
        Index.SearchWidth = width;
        var calls = (_workload.QueryCount + batch - 1) / batch;
        var (took, hits, next) = (new double[calls], 0, -1);
        var clock = Stopwatch.StartNew();
        var pool = new Thread[threads - 1];
        for (var i = 0; i < pool.Length; i++)
            (pool[i] = new Thread(Work)).Start();
        Work();
        foreach (var thread in pool)
            thread.Join();
        var seconds = clock.Elapsed.TotalSeconds;
        Array.Sort(took);
        return new Measurement
        {
            Library = "vectordb",
            Parameter = width,
            Threads = threads,
            Batch = batch,
            Recall = hits / (double)(_workload.QueryCount * Workload.Neighbors),
            Qps = _workload.QueryCount / seconds,
            P50Us = took[calls / 2],
            P99Us = took[calls * 99 / 100],
        };

        void Work()
        {
            var nearest = new TopK[batch];
            for (var i = 0; i < batch; i++)
                nearest[i] = new TopK();
            for (var call = Interlocked.Increment(ref next); call < calls; call = Interlocked.Increment(ref next))
            {
                var start = Stopwatch.GetTimestamp();
                var answered = Search(call * batch, nearest);
                took[call] = Stopwatch.GetElapsedTime(start).TotalMicroseconds;
                for (var i = 0; i < answered; i++)
                    Interlocked.Add(ref hits, _workload.Hits(call * batch + i, nearest[i].SlotSpan));
            }
        }
    }

    /// <summary>Searches the queries from <paramref name="first"/> on, as many as there is room for; returns how many.</summary>
    public int Search(int first, TopK[] nearest)
    {
        var count = Math.Min(nearest.Length, _workload.QueryCount - first);
        for (var i = 0; i < count; i++)
            nearest[i].Reset(Workload.Neighbors, SlotNumbers.Order);
        var vectors = _workload.Queries.AsSpan(first * _workload.Dimensions, count * _workload.Dimensions);
        Index.Search(new IndexQuery { Vectors = vectors, Live = Live }, nearest.AsSpan(0, count));
        for (var i = 0; i < count; i++)
            nearest[i].Sort();
        return count;
    }

    public void Dispose() => Index.Dispose();
}
