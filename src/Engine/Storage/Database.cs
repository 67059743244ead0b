using SQLitePCL;

namespace VectorDb.Engine.Storage;

/// <summary>
/// One connection to a shard's file. Used by one thread at a time. Errors come out as <see cref="ShardException"/> that
/// say what to do.
/// </summary>
internal sealed class Database : IDisposable
{
    /// <summary>Below it two connections that commit and checkpoint at one moment can lose pages.</summary>
    static readonly Version OldestTrusted = new(3, 51, 3);

    readonly sqlite3 _handle;
    readonly string _path;
    readonly List<Statement> _statements = [];

    static Database()
    {
        Batteries_V2.Init();
        var version = Version.Parse(raw.sqlite3_libversion().utf8_to_string());
        if (version < OldestTrusted)
        {
            throw new SqliteVersionException(
                $"SQLite {version} can lose pages of a write-ahead log; {OldestTrusted} or later is needed. "
                + "Install the version of SQLitePCLRaw.lib.e_sqlite3 that this program was built with.");
        }
    }

    Database(sqlite3 handle, string path) => (_handle, _path) = (handle, path);

    /// <summary>Opens a connection; the file is made if it does not exist and the connection may write.</summary>
    public static Database Open(string path, bool readOnly)
    {
        // A reader of a write-ahead log also writes, into the shared memory file, so it is opened to write as well.
        var flags = raw.SQLITE_OPEN_READWRITE | raw.SQLITE_OPEN_NOMUTEX | (readOnly ? 0 : raw.SQLITE_OPEN_CREATE);
        var code = raw.sqlite3_open_v2(path, out var handle, flags, null);
        var database = new Database(handle, path);
        try
        {
            if (code != raw.SQLITE_OK)
                throw database.Error(code);
            raw.sqlite3_extended_result_codes(handle, 1);
            raw.sqlite3_busy_timeout(handle, 5000);
            if (readOnly)
                database.Execute("PRAGMA query_only=1; PRAGMA cache_size=-8192");
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>A statement that lives as long as the connection.</summary>
    public Statement Prepare(string sql)
    {
        var statement = PrepareOnce(sql);
        _statements.Add(statement);
        return statement;
    }

    /// <summary>A statement that the caller disposes.</summary>
    public Statement PrepareOnce(string sql)
    {
        var code = raw.sqlite3_prepare_v2(_handle, sql, out var statement);
        return code == raw.SQLITE_OK ? new Statement(this, statement) : throw Error(code);
    }

    public void Execute(string sql)
    {
        var code = raw.sqlite3_exec(_handle, sql);
        if (code != raw.SQLITE_OK)
            throw Error(code);
    }

    /// <summary>The first number of the first row; 0 when there is none.</summary>
    public long Number(string sql)
    {
        using var statement = PrepareOnce(sql);
        using var rows = statement.Rows();
        return rows.Next() ? rows.Int64(0) : 0;
    }

    /// <summary>Runs <paramref name="work"/> on one snapshot of the file.</summary>
    public T Read<T>(Func<T> work)
    {
        Execute("BEGIN");
        try
        {
            return work();
        }
        finally
        {
            RollBack();
        }
    }

    /// <summary>Copies all pages into another file, as the transaction that is open sees them.</summary>
    /// <exception cref="OperationCanceledException">Cancelled; noticed every <paramref name="pagesAtOnce"/> pages.</exception>
    public void CopyTo(Database target, int pagesAtOnce, CancellationToken cancellationToken)
    {
        using var backup = raw.sqlite3_backup_init(target._handle, "main", _handle, "main");
        if (backup.IsInvalid)
            throw target.Error(raw.sqlite3_errcode(target._handle));
        int code;
        do
        {
            cancellationToken.ThrowIfCancellationRequested();
            code = raw.sqlite3_backup_step(backup, pagesAtOnce);
        }
        while (code == raw.SQLITE_OK);
        if (code != raw.SQLITE_DONE)
            throw target.Error(code);
    }

    /// <summary>
    /// Ends a transaction without a trace; SQLite may have done so itself, after a full disk for instance.
    /// </summary>
    public void RollBack()
    {
        if (raw.sqlite3_get_autocommit(_handle) == 0)
            raw.sqlite3_exec(_handle, "ROLLBACK");
    }

    public void Dispose()
    {
        foreach (var statement in _statements)
            statement.Dispose();
        _handle.Dispose();
    }

    /// <summary>What a result code of SQLite means for a shard and its keeper.</summary>
    internal ShardException Error(int code)
    {
        var detail = $"SQLite: {raw.sqlite3_errmsg(_handle).utf8_to_string()} ({code})";
        return (code & 0xff) switch
        {
            raw.SQLITE_FULL => new DiskFullException(
                $"No room left to write {_path}; nothing of this write was kept, reading goes on. "
                + $"Free space on the disk and send it again. {detail}"),
            raw.SQLITE_NOTADB => new NotAShardFileException(
                $"{_path} is not a shard: it is not an SQLite file, or its first page is destroyed. "
                + $"Move it away, or restore it from a copy. {detail}"),
            raw.SQLITE_CORRUPT => new ShardDamagedException(
                $"{_path} is damaged where single rows cannot be told apart. "
                + $"Stop the shard and restore the file from a copy or a replica. {detail}"),
            raw.SQLITE_BUSY or raw.SQLITE_LOCKED => new ShardInUseException(
                $"Another program holds {_path} locked. Close it (an open SQLite tool, for instance). {detail}"),
            _ => new ShardAccessException(
                $"{_path} cannot be read or written. Check that the disk is there and that this user may write "
                + $"the file and its folder. {detail}"),
        };
    }
}
