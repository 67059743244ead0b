namespace VectorDb.Engine;

// Rows by the epoch of the centroids that placed them: what a migration looks at.
public sealed partial class Shard
{
    /// <summary>
    /// Up to <paramref name="limit"/> (at least 1) rows placed by centroids before <paramref name="epoch"/>, by position after that.
    /// </summary>
    public IReadOnlyList<EarlierRow> RowsBefore(int epoch, RowPosition after, int limit)
    {
        CheckUsable();
        ArgumentOutOfRangeException.ThrowIfLessThan(limit, 1);
        return _readers.Use(reader => reader.Before(epoch, after, limit));
    }

    /// <summary>How many rows were placed by centroids before those of <paramref name="epoch"/>.</summary>
    public long CountBefore(int epoch)
    {
        CheckUsable();
        return _readers.Use(reader => reader.CountBefore(epoch));
    }
}
