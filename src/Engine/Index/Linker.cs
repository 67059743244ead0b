using System.Diagnostics;
using VectorDb.Engine.Index.Graph;

namespace VectorDb.Engine.Index;

/// <summary>
/// Moves fresh rows into the graph, takes removed ones out, and saves the graph now and then: one thread of a shard, which
/// sleeps while there is nothing to do, so that a write waits for none of it.
/// </summary>
internal sealed class Linker : IDisposable
{
    /// <summary>Rows linked between two publications; a dozen milliseconds of work, and a hundredth of it overhead.</summary>
    const int BatchRows = 128;

    /// <summary>With fewer rows to link one thread does it: the other cores are the searches'.</summary>
    const int ManyFresh = 512;

    /// <summary>The graph's coordinates are centred on the mean of the first batch, so it is a large one.</summary>
    const int FirstRows = 1024;

    static readonly TimeSpan Poll = TimeSpan.FromMilliseconds(50);

    /// <summary>A writer is never held up longer than this for one write.</summary>
    static readonly TimeSpan PaceMost = TimeSpan.FromSeconds(2);

    readonly ShardIndex _index;
    readonly GraphIndex _graph;
    readonly Checkpoint _checkpoint;
    readonly Backlog _backlog;
    readonly RowBatch _batch;
    readonly int _threads;
    readonly Thread _thread;
    readonly object _gate = new();
    long _linked;
    volatile bool _isHeldBack;
    bool _isPaused;
    bool _isStopping;

    public Linker(ShardIndex index, GraphIndex graph, Checkpoint checkpoint, Backlog backlog, int threads)
    {
        (_index, _graph, _checkpoint, _backlog, _threads) = (index, graph, checkpoint, backlog, threads);
        _batch = new RowBatch(graph.Dimensions);
        _thread = new Thread(Run) { IsBackground = true, Name = "vectordb linker" };
        _thread.Start();
    }

    /// <summary>Why nothing is linked any more; null while all is well. Searches go on, by scanning.</summary>
    public Exception? Fault { get; private set; }

    /// <summary>Something was published.</summary>
    public void Wake()
    {
        // Held back by writers it looks again by itself; they need not wake it with each commit.
        if (_isHeldBack)
            return;
        lock (_gate)
            Monitor.PulseAll(_gate);
    }

    /// <summary>Somebody searches: what waits is linked, whoever writes.</summary>
    public void Searched() => _backlog.Searched();

    /// <summary>
    /// Notes rows of a writer, and holds it up until as many have been linked, when there are more fresh ones than may wait.
    /// </summary>
    public void Pace(int rows)
    {
        if (rows == 0)
            return;
        _backlog.Wrote(rows);
        if (_index.FreshCount <= _backlog.Most)
            return;
        var clock = Stopwatch.StartNew();
        lock (_gate)
        {
            var enough = _linked + rows;
            while (_linked < enough && _index.FreshCount > _backlog.Most
                && !_isPaused && !_isStopping && Fault is null && clock.Elapsed < PaceMost)
                Monitor.Wait(_gate, Poll);
        }
    }

    /// <summary>Ends the thread after the batch at hand, and saves what is worth it.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _isStopping = true;
            Monitor.PulseAll(_gate);
        }
        _thread.Join();
        if (Fault is null)
            _checkpoint.SaveIfWorthIt(_graph);
    }

    void Run()
    {
        try
        {
            while (WaitForWork())
            {
                _index.Reclaim();
                Unlink();
                Link();
                if (_checkpoint.IsDue(_graph))
                    Save();
            }
        }
        // Whatever it is, no memory above all: the rows stay fresh, and the shard's keeper reads it in the statistics.
        catch (Exception exception)
        {
            Fault = exception;
            Wake();
        }
    }

    bool WaitForWork()
    {
        lock (_gate)
        {
            while (!_isStopping && !_checkpoint.IsDue(_graph) && (HoldsBack() || !_index.HasLinking))
                Monitor.Wait(_gate, _isHeldBack ? Poll : _checkpoint.Wait);
            // What waits for readers to leave comes back by itself; there is no need to spin for it.
            if (!_isStopping && !_index.HasWork)
                Monitor.Wait(_gate, Poll);
            return !_isStopping;
        }
    }

    bool HoldsBack() => _isHeldBack = _backlog.MayGrow(_index.FreshCount);

    void Unlink()
    {
        var slots = _index.TakeLeaving(BatchRows);
        if (slots.Length == 0)
            return;
        _graph.Remove(slots);
        _index.Left(slots);
        _checkpoint.Changed(slots.Length);
    }

    void Link()
    {
        _batch.SetRoom(_graph.IsServing ? BatchRows : FirstRows);
        _index.TakeFresh(_batch);
        if (_batch.Count == 0)
            return;
        _graph.Threads = _index.FreshCount < ManyFresh ? 1 : _threads;
        _graph.Add(_batch.Slots, _batch.Vectors, _batch.Stamps);
        _index.Linked(_batch.Slots);
        _checkpoint.Changed(_batch.Count);
        lock (_gate)
        {
            _linked += _batch.Count;
            Monitor.PulseAll(_gate);
        }
    }

    // Writers are let through meanwhile: what they write is scanned until the file is on the disk.
    void Save()
    {
        SetPaused(true);
        _checkpoint.SaveIfWorthIt(_graph);
        SetPaused(false);
    }

    void SetPaused(bool paused)
    {
        lock (_gate)
        {
            _isPaused = paused;
            Monitor.PulseAll(_gate);
        }
    }
}
