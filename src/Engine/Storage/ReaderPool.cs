using System.Collections.Concurrent;

namespace VectorDb.Engine.Storage;

/// <summary>Connections for reading, kept open between uses: as many as threads have read at once.</summary>
internal sealed class ReaderPool(string path, Action<QuarantinedRow> damaged) : IDisposable
{
    readonly ConcurrentBag<RowReader> _idle = [];
    int _users;
    volatile bool _isDisposed;

    public T Use<T>(Func<RowReader, T> work)
    {
        Interlocked.Increment(ref _users);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, typeof(Shard));
            if (!_idle.TryTake(out var reader))
                reader = Open();
            try
            {
                return work(reader);
            }
            finally
            {
                _idle.Add(reader);
            }
        }
        finally
        {
            Interlocked.Decrement(ref _users);
        }
    }

    /// <summary>Waits for those that read.</summary>
    public void Dispose()
    {
        _isDisposed = true;
        Interlocked.MemoryBarrier();
        var wait = new SpinWait();
        while (Volatile.Read(ref _users) != 0)
            wait.SpinOnce();
        while (_idle.TryTake(out var reader))
            reader.Dispose();
    }

    RowReader Open()
    {
        var database = Database.Open(path, readOnly: true);
        try
        {
            return new RowReader(database, damaged);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }
}
