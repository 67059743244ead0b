using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// One operation on its way through the broker, and which of its rows are decided. Told twice, a fate counts once. Thread-safe.
/// </summary>
public sealed class PublishedBatch
{
    readonly Lock _lock = new();
    readonly bool[] _isDecided;
    readonly TaskCompletionSource _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    int _counted;

    public PublishedBatch(IReadOnlyList<LoadedRow> rows)
    {
        (Rows, _isDecided) = (rows, new bool[rows.Count]);
        Id = OperationId.New(rows.Count, TimeProvider.System.GetUtcNow());
    }

    public Guid Id { get; }

    /// <summary>The row of each ordinal.</summary>
    public IReadOnlyList<LoadedRow> Rows { get; }

    /// <summary>Completes when every row is stored or refused.</summary>
    public Task Done => _done.Task;

    /// <summary>The rows whose fate is not known, in order.</summary>
    public IReadOnlyList<LoadedRow> Open
    {
        get
        {
            lock (_lock)
                return [.. Rows.Where((_, ordinal) => !_isDecided[ordinal])];
        }
    }

    /// <summary>The rows among these ordinals that were not decided before; they are now.</summary>
    public IReadOnlyList<LoadedRow> Decide(IEnumerable<int> ordinals)
    {
        lock (_lock)
        {
            List<LoadedRow> decided = [];
            foreach (var ordinal in ordinals.Where(ordinal => ordinal >= 0 && ordinal < Rows.Count && !_isDecided[ordinal]).Distinct())
            {
                _isDecided[ordinal] = true;
                decided.Add(Rows[ordinal]);
            }
            return decided;
        }
    }

    /// <summary>
    /// Call when rows that <see cref="Decide"/> gave are counted, so that whoever waits finds true counts. Returns true when all are.
    /// </summary>
    public bool Count(int rows)
    {
        lock (_lock)
        {
            _counted += rows;
            return _counted == Rows.Count && _done.TrySetResult();
        }
    }
}
