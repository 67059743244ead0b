using System.Runtime.CompilerServices;
using VectorDb.Engine.Index;
using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

// Threads. Any number of threads read and search; one writes at a time (_writer). Readers never take that lock, and
// neither side waits for the other, with these exceptions: a search whose rows were replaced three times under it takes
// the lock to finish, an exact search takes it for as long as entering both snapshots needs, Validate takes it so that
// rows and index stand still, and a writer is paced while more rows wait to be linked than searches should scan. A third
// thread, the linker, moves rows into the graph and saves it; it takes no lock for long.
//
// What a reader sees. SQLite commits first, then the index is published, then Write returns. A search works on one
// snapshot of the index: it sees all rows of a transaction or none, each either before or after its update, never torn;
// a search that starts after Write has returned sees what it wrote. Between commit and publication (the time to copy
// the new vectors) Read already finds the new rows and a search does not yet. Payloads and vectors of hits are read
// from SQLite after the ranking; a row that was replaced in between makes the search start again, so a hit never mixes
// two versions.
//
// Durability. SQLite is the truth, the index a cache of it. The file is in WAL mode with synchronous=FULL: when Write
// returns, the transaction has been synced to the disk. When Write throws, nothing of it is kept, in the file or in the
// index. A crash at any moment loses nothing: at the next start every row of the file is compared, by its checksum, with
// the graph saved last, and those that it does not have are scanned until they are linked.
//
// Dispose waits for the writer and for running searches, refuses later calls with ObjectDisposedException, checkpoints
// and closes the file. It must not be called inside a Write callback.

/// <summary>
/// One shard of a collection: rows in one SQLite file, and an index of their vectors in memory. It knows neither the
/// bus nor HTTP, nor the other shards.
/// </summary>
public sealed partial class Shard : IDisposable
{
    /// <summary>
    /// Searches whose rows are replaced under them start again this often before they hold the writer up.
    /// </summary>
    const int FreeAttempts = 3;

    readonly ShardOptions _options;
    readonly FileLock _fileLock;
    readonly WriterStore _store;
    readonly ReaderPool _readers;
    readonly Quarantine _quarantine = new();
    readonly Searcher _searcher;
    readonly PendingRows _pending = new();
    readonly Lock _writer = new();
    volatile ShardIndex? _index;
    volatile StrongBox<Counters> _counters;
    readonly Checkpoint _checkpoint;
    volatile Linker? _linker;
    bool _isWriting;
    volatile bool _isDisposed;
    volatile Exception? _unpublished;

    Shard(ShardOptions options, FileLock fileLock, WriterStore store)
    {
        (_options, _fileLock, _store) = (options, fileLock, store);
        _readers = new ReaderPool(options.Path, _quarantine.Meet);
        _searcher = new Searcher(_readers, _quarantine, _writer);
        _checkpoint = new Checkpoint(Checkpoint.PathOf(options.Path));
        _counters = new StrongBox<Counters>(store.Meta.ReadCounters());
    }

    /// <summary>Opens a shard's file, or makes it, and fills the index from its rows.</summary>
    /// <exception cref="ShardInUseException">Somebody else has it open; the message says who.</exception>
    /// <exception cref="ShardException">One of the other kinds: another shard's file, a newer format, not a shard, no
    /// access, disk full, damage beyond single rows.</exception>
    /// <exception cref="OperationCanceledException">Cancelled while rows were loaded.</exception>
    public static Shard Open(ShardOptions options, CancellationToken cancellationToken = default)
    {
        var fileLock = FileLock.Take(options.Path);
        WriterStore? store = null;
        Shard? shard = null;
        try
        {
            store = WriterStore.Open(options);
            shard = new Shard(options, fileLock, store);
            shard.Load(cancellationToken);
            return shard;
        }
        catch
        {
            shard?._linker?.Dispose();
            shard?._index?.Dispose();
            store?.Dispose();
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>
    /// What the vectors look like; null before the first <see cref="ShardTransaction.DefineSchema"/>.
    /// </summary>
    public CollectionSchema? Schema => _index?.Schema;

    /// <summary>Counts and sizes, read without waiting for anybody.</summary>
    public ShardStats Stats
    {
        get
        {
            CheckUsable();
            var (index, counters) = (_index, _counters.Value);
            return new ShardStats
            {
                Number = _options.Number,
                Schema = index?.Schema,
                Points = index?.Count ?? 0,
                Tombstones = counters.Tombstones,
                Quarantined = _quarantine.Count,
                QuarantinedRows = _quarantine.Rows,
                DirectoryEntries = counters.DirectoryEntries,
                IndexBytes = index?.Bytes ?? 0,
                Linked = index?.LinkedCount ?? 0,
                IsIndexReady = index?.Graph is null || index.FreshCount <= Backlog.SearchedMost,
                IndexProblem = _linker?.Fault?.Message ?? _checkpoint.Problem,
                FileBytes = _store.FileBytes,
            };
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> in one durable transaction, after other writers. When it returns, what was written
    /// is on the disk and in the index; when it throws, nothing is, and the exception is passed on.
    /// </summary>
    /// <exception cref="DiskFullException">Rolled back; reading goes on.</exception>
    /// <exception cref="InvalidOperationException">Called inside another Write.</exception>
    public T Write<T>(Func<ShardTransaction, T> work)
    {
        T result;
        int added;
        lock (_writer)
        {
            CheckUsable();
            if (_isWriting)
                throw new InvalidOperationException(
                    "Shard.Write was called inside a Write. Use the transaction that is open.");
            _isWriting = true;
            try
            {
                result = Transact(work);
                added = _pending.Added.Length;
            }
            finally
            {
                _isWriting = false;
            }
        }
        _linker?.Pace(added);
        return result;
    }

    /// <summary>
    /// Finds the nearest rows of each query of a batch. Any number of threads; a larger batch costs less a query.
    /// </summary>
    /// <returns>One list a query, best first, equal scores by key; empty lists before a schema is defined. A row found
    /// damaged while its payload is read is left out.</returns>
    /// <exception cref="WrongDimensionsException">A query has another size than the collection.</exception>
    /// <exception cref="InvalidQueryException">top_k is out of range, or a vector cannot be compared.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; noticed within a block of rows.</exception>
    public SearchHit[][] Search(ReadOnlySpan<SearchQuery> queries, CancellationToken cancellationToken = default)
    {
        CheckUsable();
        if (_index is not { } index)
            return [.. Enumerable.Repeat(Array.Empty<SearchHit>(), queries.Length)];
        foreach (var query in queries)
            PointRules.Check(query, index.Schema);
        _linker?.Searched();
        for (var attempt = 0; attempt < FreeAttempts; attempt++)
        {
            if (_searcher.TrySearch(queries, index, nothingWrites: false, cancellationToken) is { } results)
                return results;
        }
        lock (_writer)
            return _searcher.TrySearch(queries, index, nothingWrites: true, cancellationToken)!;
    }

    /// <summary>What is kept under a key: any number of threads, committed state.</summary>
    /// <param name="key">The id.</param>
    /// <param name="withVector">False leaves the vector empty and is cheaper.</param>
    public PointReading Read(PointKey key, bool withVector = true)
    {
        CheckUsable();
        return _readers.Use(reader => reader.Read(key, withVector));
    }

    /// <summary>What this shard, as its home, knows of an id; null if nothing.</summary>
    public DirectoryEntry? Locate(PointKey key)
    {
        CheckUsable();
        return _readers.Use(reader => reader.Locate(key));
    }

    /// <summary>
    /// Entries of the directory whose ids have more than one place, or are deleted and have one: operations that are under way, or that
    /// a crash cut off. In key order.
    /// </summary>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    /// <param name="limit">How many at most, at least 1.</param>
    public IReadOnlyList<DirectoryEntry> Unsettled(PointKey? after, int limit)
    {
        CheckUsable();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _readers.Use(reader => reader.Unsettled(after, limit));
    }

    /// <summary>
    /// What this shard knows of the fate of an operation's points: those that it stored, and those whose refusal was recorded here.
    /// Empty for an operation that it has not met, or has forgotten after the retention.
    /// </summary>
    public IReadOnlyList<Outcome> Outcomes(Guid operation)
    {
        CheckUsable();
        return _readers.Use(reader => reader.Outcomes(operation));
    }

    /// <summary>Keys of live rows in their order.</summary>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    /// <param name="limit">How many at most, at least 1.</param>
    public IReadOnlyList<PointKey> ListKeys(PointKey? after, int limit)
    {
        CheckUsable();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _readers.Use(reader => reader.ListKeys(after, limit));
    }

    /// <summary>
    /// A document written by <see cref="ShardTransaction.PutDocument"/>; null if there is none of this name.
    /// </summary>
    /// <exception cref="ShardDamagedException">It does not match its checksum.</exception>
    public byte[]? GetDocument(string name)
    {
        CheckUsable();
        return _readers.Use(reader => reader.Document(name));
    }

    /// <summary>
    /// Vectors of random live rows, for training: all rows where <paramref name="count"/> reaches them.
    /// </summary>
    /// <param name="count">How many at most; rows replaced while they are read are missing.</param>
    /// <param name="seed">The same rows give the same sample.</param>
    /// <returns>float32, length = dimensions; L2 norm 1 for cosine.</returns>
    public float[][] Sample(int count, int seed)
    {
        CheckUsable();
        return _index is { } index ? Sampling.Take(index, _readers, count, seed) : [];
    }

    /// <summary>
    /// Compares everything with everything: rows with checksums, norms, index and counters, the directory's order.
    /// Reads the whole file and holds writers up meanwhile.
    /// </summary>
    public ShardReport Validate()
    {
        lock (_writer)
        {
            CheckUsable();
            return new ShardCheck(_store.Database, _quarantine, _counters.Value).Run(_index);
        }
    }

    /// <summary>
    /// Waits for the writer and for running searches, then closes the file. Later calls throw ObjectDisposedException.
    /// </summary>
    public void Dispose()
    {
        lock (_writer)
        {
            if (_isDisposed)
                return;
            if (_isWriting)
                throw new InvalidOperationException(
                    "Shard.Dispose was called inside a Write. Let the callback return first.");
            _isDisposed = true;
            _linker?.Dispose();
            _index?.Dispose();
            _readers.Dispose();
            _store.Dispose();
            _fileLock.Dispose();
        }
    }

    long Now => _options.Clock.GetUtcNow().ToUnixTimeMilliseconds();

    T Transact<T>(Func<ShardTransaction, T> work)
    {
        _index?.Reclaim();
        var transaction = new ShardTransaction(
            _store, _quarantine, _pending, new ShardState(_index, _counters.Value, Now, _options.Graph));
        T result;
        try
        {
            _store.Begin();
            transaction.Mark(_quarantine.Met());
            result = work(transaction);
            transaction.Finish();
            _store.Commit();
        }
        catch
        {
            transaction.Abandon(_index);
            _store.RollBack();
            throw;
        }
        Publish(transaction);
        _store.ShortenLog();
        return result;
    }

    void Publish(ShardTransaction transaction)
    {
        try
        {
            transaction.Publish();
            _index = transaction.Index;
            _counters = new StrongBox<Counters>(transaction.Counters);
            if (_linker is { } linker)
                linker.Wake();
            else
                StartLinker();
        }
        catch (Exception exception)
        {
            // The file is ahead of the index, and only a new start brings them together.
            _unpublished = exception;
            throw;
        }
    }

    void Load(CancellationToken cancellationToken)
    {
        if (_store.Meta.ReadSchema() is not { } schema)
            return;
        _index = new ShardIndex(schema, _options.Graph);
        var total = _counters.Value.Points;
        if (_index.Graph is { } graph)
            _checkpoint.Load(graph, progress: null);
        var builder = _index.Builder(read => _options.LoadProgress?.Invoke(read, total));
        using var loader = new RowLoader(_store.Database, schema.Dimensions, _quarantine, builder);
        var damaged = loader.Load(cancellationToken);
        _index.Loaded(builder, slot => _quarantine.Holds(slot));
        _options.LoadProgress?.Invoke(builder.Count, total);
        if (damaged.Count > 0)
            MarkLoaded(damaged);
        StartLinker();
    }

    /// <summary>A shard so small that it is scanned has no linker.</summary>
    void StartLinker()
    {
        if (_index is { Graph: { } graph, IsWorthLinking: true } index)
        {
            var backlog = new Backlog(graph.Dimensions, _options.BacklogBytes, _options.Clock);
            _linker = new Linker(index, graph, _checkpoint, backlog, _options.Graph.Threads);
        }
    }

    /// <summary>Remembers damaged rows in the file. A full disk does not keep the shard from serving the others.</summary>
    void MarkLoaded(IReadOnlyList<QuarantinedRow> damaged)
    {
        try
        {
            _store.Begin();
            foreach (var row in damaged)
                _store.Rows.Quarantine(row);
            var counters = _counters.Value with { Points = _index!.Count };
            _store.Meta.WriteCounters(counters);
            _store.Commit();
            _counters = new StrongBox<Counters>(counters);
        }
        catch (DiskFullException)
        {
            _store.RollBack();
        }
    }

    void CheckUsable()
    {
        ObjectDisposedException.ThrowIf(_isDisposed, this);
        if (_unpublished is { } exception)
        {
            throw new ShardAccessException(
                $"The index of {_options.Path} missed a write that is in the file ({exception.Message}). "
                + "Close the shard and open it again.",
                exception);
        }
    }
}
