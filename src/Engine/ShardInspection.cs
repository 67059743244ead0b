using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

/// <summary>
/// Reads a shard's file that nobody has open, to check it: no index is made, nothing is written, and nobody else gets the file
/// meanwhile. Not the way to serve a shard; that is <see cref="Shard"/>. One thread at a time.
/// </summary>
public sealed class ShardInspection : IDisposable
{
    readonly FileLock _fileLock;
    readonly Database _database;
    readonly InspectionReader _reader;

    ShardInspection(int number, FileLock fileLock, Database database)
    {
        (Number, _fileLock, _database, _reader) = (number, fileLock, database, new(database));
        Schema = _reader.Meta.ReadSchema();
    }

    public int Number { get; }

    /// <summary>Null before the first row.</summary>
    public CollectionSchema? Schema { get; }

    /// <summary>The last version that this shard, as a home, has given.</summary>
    public long VersionsGiven => _reader.Meta.ReadCounters().Version;

    /// <summary>Live rows, as the file counts them: to show progress by, as the counter may be wrong.</summary>
    public long Points => _reader.Meta.ReadCounters().Points;

    /// <param name="path">A shard's file.</param>
    /// <param name="number">The shard's number, compared with the file's.</param>
    /// <exception cref="ShardInUseException">Somebody has it open; the message says who.</exception>
    /// <exception cref="ShardException">It cannot be read, or is no such shard.</exception>
    public static ShardInspection Open(string path, int number)
    {
        var fileLock = FileLock.Take(path);
        Database? database = null;
        try
        {
            database = Database.Open(path, readOnly: true);
            Storage.Schema.CheckReadable(database, path, number);
            return new ShardInspection(number, fileLock, database);
        }
        catch
        {
            database?.Dispose();
            fileLock.Dispose();
            throw;
        }
    }

    /// <summary>What SQLite finds wrong with the file, at most 100 sentences. Reads all of it.</summary>
    /// <exception cref="ShardException">So damaged that SQLite cannot say.</exception>
    public IReadOnlyList<string> StructureFaults() => _reader.Structure();

    /// <summary>How counters, tombstones and vectors contradict the rows; <see cref="ShardTransaction.Mend"/> puts that right.</summary>
    public IReadOnlyList<string> MendableFaults() => _reader.Mendable();

    /// <summary>Rows by slot, each compared with its checksums.</summary>
    /// <param name="after">The last slot of the page before; -1 for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<InspectedRow> Rows(long after, int limit) => _reader.Rows(after, limit, Schema);

    /// <summary>Directory entries in key order.</summary>
    /// <param name="after">The last key of the page before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public IReadOnlyList<DirectoryEntry> Entries(PointKey? after, int limit) => _reader.Pages.Entries(after, limit);

    /// <summary>Tombstones in key order, paged as <see cref="Entries"/>.</summary>
    public IReadOnlyList<Tombstone> Tombstones(PointKey? after, int limit) => _reader.Pages.Tombstones(after, limit);

    /// <summary>Claims that are remembered, by operation; `after`: the last of the page before.</summary>
    public IReadOnlyList<ClaimRecord> Claims(ClaimRecord? after, int limit) => _reader.Pages.Claims(after, limit);

    /// <summary>What this shard, as a home, knows of an id; null if nothing.</summary>
    public DirectoryEntry? Entry(PointKey key) => _reader.Entry(key);

    /// <summary>The version of the row of an id, damaged or not; 0 where there is none.</summary>
    public long RowVersion(PointKey key) => _reader.RowVersion(key);

    /// <summary>The version of the tombstone of an id; 0 where there is none.</summary>
    public long TombstoneVersion(PointKey key) => _reader.TombstoneVersion(key);

    /// <summary>The shard has recorded that it stored a point of an operation.</summary>
    public bool HasStored(Guid operation, int ordinal) => _reader.Outcomes.Of(operation)
        .Any(outcome => outcome.Refusal is null && outcome.Ordinals.Contains(ordinal));

    /// <summary>A document of the shard; null if there is none of this name.</summary>
    /// <exception cref="ShardDamagedException">It does not match its checksum.</exception>
    public byte[]? Document(string name) => _reader.Meta.ReadDocument(name);

    public void Dispose()
    {
        _database.Dispose();
        _fileLock.Dispose();
    }
}

/// <summary>A row as it stands in the file.</summary>
public sealed record InspectedRow
{
    public required long Slot { get; init; }

    public required PointKey Key { get; init; }

    public required long Version { get; init; }

    /// <summary>The centroids that placed it; 0 for none.</summary>
    public required int Epoch { get; init; }

    /// <summary>float32, length = dimensions; empty where the row has faults.</summary>
    public required float[] Vector { get; init; }

    /// <summary>Each a sentence that follows the row's name; empty for a sound row.</summary>
    public required IReadOnlyList<string> Faults { get; init; }
}
