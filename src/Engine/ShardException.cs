namespace VectorDb.Engine;

/// <summary>A shard refused or failed. Every message says what is wrong and what to do about it.</summary>
public abstract class ShardException(string message, Exception? inner = null) : Exception(message, inner);

/// <summary>Another process, or another <see cref="Shard"/> of this one, has the file open.</summary>
public sealed class ShardInUseException(string message) : ShardException(message);

/// <summary>The file belongs to a shard of another number.</summary>
public sealed class WrongShardException(string message) : ShardException(message);

/// <summary>A newer program wrote the file.</summary>
public sealed class NewerFormatException(string message) : ShardException(message);

/// <summary>The file is something else than a shard.</summary>
public sealed class NotAShardFileException(string message) : ShardException(message);

/// <summary>The file or its folder cannot be read or written: permissions, a missing disk, an I/O error.</summary>
public sealed class ShardAccessException(string message, Exception? inner = null) : ShardException(message, inner);

/// <summary>
/// No room left. What was to be written is rolled back; what is there can still be read and searched.
/// </summary>
public sealed class DiskFullException(string message) : ShardException(message);

/// <summary>The file is damaged beyond single rows, which would have been quarantined.</summary>
public sealed class ShardDamagedException(string message) : ShardException(message);

/// <summary>The SQLite library is too old to be trusted with a file, or the machine has none.</summary>
public sealed class SqliteVersionException(string message) : ShardException(message);

/// <summary>The shard holds vectors of another size, metric or model.</summary>
public sealed class SchemaMismatchException(string message) : ShardException(message);

/// <summary>A row came before any <see cref="ShardTransaction.DefineSchema"/>.</summary>
public sealed class SchemaMissingException(string message) : ShardException(message);

/// <summary>A vector of another size than the collection's.</summary>
public sealed class WrongDimensionsException(string message) : ShardException(message);

/// <summary>
/// A row that cannot be stored: vector without direction or beyond float32, empty key, version below 1.
/// </summary>
public sealed class InvalidPointException(string message) : ShardException(message);

/// <summary>A query that cannot be answered: top_k out of range, vector without direction or beyond float32.</summary>
public sealed class InvalidQueryException(string message) : ShardException(message);

/// <summary>A claim repeats an operation and ordinal that were used for another id.</summary>
public sealed class ClaimReusedException(string message) : ShardException(message);
