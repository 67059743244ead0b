namespace VectorDb.Engine.Storage;

/// <summary>
/// The writer's connection to a shard's file with everything that writes over it. One thread at a time.
/// </summary>
internal sealed class WriterStore : IDisposable
{
    /// <summary>
    /// A log of this size is emptied even if that means to wait for readers: they could let it grow for ever.
    /// </summary>
    const long LogBytesMax = 256 << 20;

    readonly Database _database;
    readonly string _path;
    long _logBytesNext = LogBytesMax;

    WriterStore(Database database, ShardOptions options)
    {
        _database = database;
        _path = options.Path;
        Schema.Prepare(database, options.Path, options.Number);
        Meta = new MetaStore(database);
        Rows = new RowStore(database);
        Directory = new DirectoryStore(database);
        Outcomes = new OutcomeStore(database);
        Retention = new Retention(database, options.ClaimRetention);
        Mending = new Mending(database);
    }

    public MetaStore Meta { get; }

    public RowStore Rows { get; }

    public DirectoryStore Directory { get; }

    public OutcomeStore Outcomes { get; }

    public Retention Retention { get; }

    public Mending Mending { get; }

    /// <summary>The connection itself: for loading and checking.</summary>
    public Database Database => _database;

    public long FileBytes => Length(_path) + LogBytes;

    long LogBytes => Length(_path + "-wal");

    public static WriterStore Open(ShardOptions options)
    {
        var database = Database.Open(options.Path, readOnly: false);
        try
        {
            return new WriterStore(database, options);
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    public void Begin() => _database.Execute("BEGIN IMMEDIATE");

    /// <summary>Returns when the transaction is on the disk.</summary>
    public void Commit() => _database.Execute("COMMIT");

    public void RollBack() => _database.RollBack();

    /// <summary>
    /// Between transactions. A log that cannot be emptied now (a reader that stays, a full disk) is no failure of what
    /// was committed: it is tried again when the log has grown by half.
    /// </summary>
    public void ShortenLog()
    {
        var bytes = LogBytes;
        if (bytes <= _logBytesNext)
            return;
        try
        {
            _database.Execute("PRAGMA wal_checkpoint(TRUNCATE)");
        }
        catch (ShardException)
        {
        }
        _logBytesNext = Math.Max(LogBytesMax, LogBytes + LogBytes / 2);
    }

    public void Dispose() => _database.Dispose();

    static long Length(string path)
    {
        var file = new FileInfo(path);
        return file.Exists ? file.Length : 0;
    }
}
