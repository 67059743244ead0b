using System.Runtime.ExceptionServices;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// One call with several queries. The calling thread answers them; threads of the pool join if they are idle, so a batch
/// uses cores that have nothing else to do and waits for none. Each thread has several walks in turns. Used again for
/// later calls; allocates nothing once warm.
/// </summary>
internal sealed unsafe class BatchSearch : IThreadPoolWorkItem
{
    /// <summary>Below two times this many queries a call is over before another thread has begun.</summary>
    const int QueriesPerThread = 8;

    const int Closed = -1;

    TopK[] _nearest = [];
    float* _vectors;
    int _dimensions;
    int _count;
    int _next;
    int _workers = Closed;
    int _called;
    GraphSearch? _search;
    Exception? _failure;

    public SearchScope Scope { get; private set; }

    public TopK Nearest(int query) => _nearest[query];

    public ReadOnlySpan<float> Vector(int query) => new(_vectors + (nint)query * _dimensions, _dimensions);

    /// <summary>The next query that nobody has, or -1.</summary>
    public int Take() => Interlocked.Increment(ref _next) is var query && query < _count ? query : -1;

    /// <summary>Answers all queries; returns when no thread works on them any more.</summary>
    public void Run(GraphSearch search, in SearchScope scope, ReadOnlySpan<float> vectors, ReadOnlySpan<TopK> nearest)
    {
        if (_nearest.Length < nearest.Length)
            _nearest = new TopK[nearest.Length];
        nearest.CopyTo(_nearest);
        (Scope, _search, _failure) = (scope, search, null);
        (_count, _next, _dimensions) = (nearest.Length, -1, vectors.Length / nearest.Length);
        fixed (float* values = vectors)
        {
            _vectors = values;
            Volatile.Write(ref _workers, 0);
            Call(Math.Min(Environment.ProcessorCount, _count / QueriesPerThread) - 1);
            Work();
            var spin = new SpinWait();
            while (Interlocked.CompareExchange(ref _workers, Closed, 0) != 0)
                spin.SpinOnce(sleep1Threshold: -1);
        }
        (Scope, _search) = (default, null);
        _vectors = null;
        Array.Clear(_nearest, 0, _count);
        if (_failure is { } failure)
            ExceptionDispatchInfo.Throw(failure);
    }

    // A thread may come when the call that wanted it is over: it finds the door closed, or helps with the next one.
    void IThreadPoolWorkItem.Execute()
    {
        Interlocked.Decrement(ref _called);
        for (int workers; (workers = Volatile.Read(ref _workers)) != Closed;)
        {
            if (Interlocked.CompareExchange(ref _workers, workers + 1, workers) != workers)
                continue;
            Work();
            Interlocked.Decrement(ref _workers);
            return;
        }
    }

    void Call(int threads)
    {
        for (; Volatile.Read(ref _called) < threads; Interlocked.Increment(ref _called))
            ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
    }

    void Work()
    {
        var graph = Scope.Graph;
        var walks = graph.RentWalks();
        try
        {
            _search!.Serve(this, walks);
        }
        catch (Exception failure)
        {
            // The caller throws it; nobody needs to begin another query.
            Interlocked.CompareExchange(ref _failure, failure, null);
            Volatile.Write(ref _next, _count);
        }
        finally
        {
            graph.Return(walks);
        }
    }
}
