using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

/// <summary>The pages of which a replica of a shard is made. Any number of threads.</summary>
public sealed class ShardCopy
{
    readonly ReaderPool _readers;
    readonly Func<long> _version;

    internal ShardCopy(ReaderPool readers, Func<long> version) => (_readers, _version) = (readers, version);

    /// <summary>The last version given to a claim.</summary>
    public long Version => _version();

    /// <summary>
    /// Live rows in key order, vectors as they are kept. Damaged ones are left out: no copy of them is worth anything.
    /// </summary>
    /// <param name="after">The last key looked at before; null for the first page.</param>
    /// <param name="limit">How many at most.</param>
    /// <param name="bytesMax">The page ends after the row that reaches this.</param>
    /// <returns>The rows, and the last key looked at: null when nothing follows.</returns>
    public (IReadOnlyList<PointRow> Rows, PointKey? Next) Rows(PointKey? after, int limit, int bytesMax) => _readers.Use(reader =>
    {
        var keys = reader.ListKeys(after, limit);
        var rows = new List<PointRow>();
        var bytes = 0;
        for (var i = 0; i < keys.Count; i++)
        {
            if (reader.Read(keys[i], withVector: true).Row is { } row)
            {
                rows.Add(row);
                bytes += BytesOf(row);
            }
            if (bytes >= bytesMax && i < keys.Count - 1)
                return (rows, keys[i]);
        }
        return (rows, keys.Count < limit ? (PointKey?)null : keys[^1]);
    });

    /// <summary>Tombstones in key order; a page shorter than the limit is the last.</summary>
    public IReadOnlyList<Tombstone> Tombstones(PointKey? after, int limit) =>
        _readers.Use(reader => reader.Copies.Tombstones(after, limit));

    /// <summary>Directory entries in key order, deleted ones included; a page shorter than the limit is the last.</summary>
    public IReadOnlyList<DirectoryEntry> Entries(PointKey? after, int limit) =>
        _readers.Use(reader => reader.Copies.Entries(after, limit));

    /// <summary>Remembered claims in the order of operation and ordinal; a page shorter than the limit is the last.</summary>
    public IReadOnlyList<ClaimRecord> Claims(ClaimRecord? after, int limit) =>
        _readers.Use(reader => reader.Copies.Claims(after, limit));

    /// <summary>
    /// Recorded outcomes in the order in which they were recorded, with the number of the last; a page shorter than the limit is the last.
    /// </summary>
    /// <param name="after">The number of the last one before; 0 for the first page.</param>
    /// <param name="limit">How many at most.</param>
    public (IReadOnlyList<OutcomeRecord> Outcomes, long Last) Outcomes(long after, int limit) =>
        _readers.Use(reader => reader.Copies.Outcomes(after, limit));

    /// <summary>All documents: they are few and small.</summary>
    public IReadOnlyList<NamedDocument> Documents() => _readers.Use(reader => reader.Copies.Documents());

    static int BytesOf(PointRow row) =>
        row.Key.Span.Length + row.Vector.Length * sizeof(float) + 2 * ((row.Payload?.Length ?? 0) + (row.Text?.Length ?? 0));
}
