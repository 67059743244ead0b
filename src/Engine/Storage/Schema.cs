namespace VectorDb.Engine.Storage;

// The format of a shard's file. docs/shard-format.md has every column; here is what must not change within a version.
//
// * SQLite 3, page size 16384, write-ahead log, UTF-8, application_id 0x56444253 ("VDBS"), user_version = format
// version.
// * vectors.bytes: Dimensions x float32, IEEE 754, little-endian, nothing before, between or after. L2 norm 1 for
// cosine   (within 1e-7). vectors.checksum: XXH3-64 of the bytes, seeded with that of the key, seeded with that of the
// slot as 8   little-endian bytes, seeded with the version; as a signed number. It can be computed without any other
// table.
// * points.checksum: XXH3-64 of the payload, then of the text, both UTF-8, each seeded with what came before, the first
// with   the seed of key, slot and version as above; an absent one is an exclusive or with 0x5ac39e1d7b24f861 instead.
// * slot: the row's place in the index, from 0, dense and reused. An update takes another slot, so a slot read twice
// with the   same version is the same row.
// * directory.places: for each place 4 bytes shard and 8 bytes version, little-endian, by ascending shard; NULL if
// none.
// * claims.operation: the 16 bytes of the GUID in big-endian order. claims.id ascends with time.
// * outcomes.ordinals: 4 bytes each, little-endian. outcomes.id ascends with time.
// * seq: one number for each change of a row or tombstone, ascending, never reused in this file: an index saved at
//   applied sequence s is brought up to date by the rows and tombstones with a higher seq.
// * at: milliseconds since 1970, UTC, of this machine: for retention only, never for order.
//
// A change of any of this is a new format version, with a golden file of its own; earlier ones must open for ever, and
// are brought to the newest when they are opened: version 2 added outcomes.

/// <summary>Makes the tables, and checks that a file is a shard of a format that this program understands.</summary>
internal static class Schema
{
    public const int FormatVersion = 2;

    const int ApplicationId = 0x56444253;

    /// <summary>
    /// Bytes: six 768-d rows share a page of 16 KiB with 6 % waste, where 4 KiB would waste a quarter.
    /// </summary>
    const int PageSize = 16384;

    const string Tables =
        """
        CREATE TABLE meta(name TEXT PRIMARY KEY, value) WITHOUT ROWID;
        CREATE TABLE counters(
            id INTEGER PRIMARY KEY CHECK (id = 1), version INTEGER NOT NULL, seq INTEGER NOT NULL,
            points INTEGER NOT NULL, tombstones INTEGER NOT NULL, directory INTEGER NOT NULL);
        INSERT INTO counters VALUES (1, 0, 0, 0, 0, 0);
        CREATE TABLE points(
            slot INTEGER PRIMARY KEY, key BLOB NOT NULL UNIQUE, version INTEGER NOT NULL, epoch INTEGER NOT NULL,
            seq INTEGER NOT NULL, checksum INTEGER NOT NULL, payload TEXT, text TEXT);
        CREATE INDEX points_seq ON points(seq);
        CREATE INDEX points_epoch ON points(epoch);
        CREATE TABLE vectors(
            slot INTEGER PRIMARY KEY, key BLOB NOT NULL, version INTEGER NOT NULL, checksum INTEGER NOT NULL,
            bytes BLOB NOT NULL);
        CREATE TABLE tombstones(
            key BLOB PRIMARY KEY, version INTEGER NOT NULL, seq INTEGER NOT NULL, at INTEGER NOT NULL) WITHOUT ROWID;
        CREATE INDEX tombstones_seq ON tombstones(seq);
        CREATE INDEX tombstones_at ON tombstones(at);
        CREATE TABLE quarantine(
            slot INTEGER PRIMARY KEY, key BLOB NOT NULL, version INTEGER NOT NULL, reason TEXT NOT NULL,
            replaced INTEGER NOT NULL DEFAULT 0);
        CREATE TABLE directory(
            key BLOB PRIMARY KEY, version INTEGER NOT NULL, deleted INTEGER NOT NULL, at INTEGER NOT NULL,
            places BLOB) WITHOUT ROWID;
        CREATE INDEX directory_done ON directory(at) WHERE deleted = 1 AND places IS NULL;
        CREATE INDEX directory_unsettled ON directory(key)
            WHERE length(places) > 12 OR (deleted = 1 AND places IS NOT NULL);
        CREATE TABLE claims(
            id INTEGER PRIMARY KEY, operation BLOB NOT NULL, ordinal INTEGER NOT NULL, key_hash INTEGER NOT NULL,
            version INTEGER NOT NULL, target INTEGER, existed INTEGER NOT NULL, at INTEGER NOT NULL);
        CREATE UNIQUE INDEX claims_operation ON claims(operation, ordinal);
        CREATE TABLE documents(name TEXT PRIMARY KEY, checksum INTEGER NOT NULL, bytes BLOB NOT NULL) WITHOUT ROWID;
        """;

    const string Outcomes =
        """
        CREATE TABLE outcomes(
            id INTEGER PRIMARY KEY, operation BLOB NOT NULL, ordinals BLOB NOT NULL, refusal TEXT, at INTEGER NOT NULL);
        CREATE INDEX outcomes_operation ON outcomes(operation);
        """;

    /// <summary>Brings the writer's connection to the durable settings and the file to this format.</summary>
    public static void Prepare(Database database, string path, int shardNumber)
    {
        Check(database, path);
        // The page size counts only before the first table. NORMAL would lose acknowledged commits with the power.
        database.Execute($"PRAGMA page_size={PageSize}");
        database.Execute("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA temp_store=MEMORY");
        database.Execute("PRAGMA cache_size=-65536; PRAGMA journal_size_limit=67108864");
        if (database.Number("PRAGMA user_version") == 0)
            Change(database, Tables + Outcomes + $"INSERT INTO meta VALUES ('shard', {shardNumber})");
        CheckNumber(database, path, shardNumber);
        if (database.Number("PRAGMA user_version") == 1)
            Change(database, Outcomes);
    }

    /// <summary>Refuses a file that is no shard of this number, without writing to it.</summary>
    public static void CheckReadable(Database database, string path, int shardNumber)
    {
        Check(database, path);
        var version = database.Number("PRAGMA user_version");
        if (version == 0)
            throw new NotAShardFileException($"{path} is empty. Move it away, or restore it from a copy.");
        if (version < FormatVersion)
        {
            throw new ShardAccessException(
                $"{path} has format {version}, and only format {FormatVersion} can be checked. "
                + "Start the server once: it brings the file to it.");
        }
        CheckNumber(database, path, shardNumber);
    }

    static void CheckNumber(Database database, string path, int shardNumber)
    {
        var found = database.Number("SELECT value FROM meta WHERE name = 'shard'");
        if (found != shardNumber)
        {
            throw new WrongShardException(
                $"{path} is shard {found}, not {shardNumber}. "
                + $"Open it as shard {found}, or give shard {shardNumber} its own file.");
        }
    }

    static void Check(Database database, string path)
    {
        var application = database.Number("PRAGMA application_id");
        var version = database.Number("PRAGMA user_version");
        var isNew = application == 0 && version == 0 && database.Number("SELECT count(*) FROM sqlite_schema") == 0;
        if (application != ApplicationId && !isNew)
        {
            throw new NotAShardFileException(
                $"{path} is an SQLite file of another program (application id {application}). "
                + "Move it away, or give the shard another path.");
        }
        if (version > FormatVersion)
        {
            throw new NewerFormatException(
                $"{path} has format {version}; this program reads up to {FormatVersion}. "
                + "Start the newer program that wrote it.");
        }
    }

    /// <summary>To the newest format, in one transaction.</summary>
    static void Change(Database database, string tables)
    {
        database.Execute("BEGIN IMMEDIATE");
        try
        {
            database.Execute(tables);
            database.Execute($"PRAGMA application_id={ApplicationId}; PRAGMA user_version={FormatVersion}; COMMIT");
        }
        finally
        {
            database.RollBack();
        }
    }
}
