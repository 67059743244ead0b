namespace VectorDb.Engine.Storage;

/// <summary>
/// Forgets claims, outcomes, tombstones and finished directory entries that no late message can ask for any more: a few at a time
/// inside the transactions of the writer, at least as many as one adds, so that nothing piles up and nothing stalls.
/// </summary>
internal sealed class Retention(Database database, TimeSpan retention)
{
    /// <summary>
    /// Rows of each kind per transaction, besides as many as the transaction itself touched. A guess.
    /// </summary>
    const int Least = 16;

    readonly Statement _claims = database.Prepare(
        """
        DELETE FROM claims WHERE id IN (SELECT id FROM (SELECT id, at FROM claims ORDER BY id LIMIT ?2) WHERE at < ?1)
        """);
    readonly Statement _outcomes = database.Prepare(
        """
        DELETE FROM outcomes WHERE id IN (SELECT id FROM (SELECT id, at FROM outcomes ORDER BY id LIMIT ?2) WHERE at < ?1)
        """);
    readonly Statement _tombstones = database.Prepare(
        "DELETE FROM tombstones WHERE key IN (SELECT key FROM tombstones WHERE at < ?1 ORDER BY at LIMIT ?2) "
        + "RETURNING 1");
    readonly Statement _entries = database.Prepare(
        """
        DELETE FROM directory WHERE key IN (
            SELECT key FROM directory WHERE deleted = 1 AND places IS NULL AND at < ?1 ORDER BY at LIMIT ?2)
        """);

    /// <summary>Collects inside the open transaction.</summary>
    /// <param name="now">Milliseconds since 1970.</param>
    /// <param name="changes">How much the transaction wrote.</param>
    /// <returns>How many tombstones went.</returns>
    public int Collect(long now, int changes)
    {
        var before = now - (long)retention.TotalMilliseconds;
        var limit = Least + changes;
        _claims.Bind(1, before).Bind(2, limit).Run();
        _outcomes.Bind(1, before).Bind(2, limit).Run();
        _entries.Bind(1, before).Bind(2, limit).Run();
        var tombstones = 0;
        using var rows = _tombstones.Bind(1, before).Bind(2, limit).Rows();
        while (rows.Next())
            tombstones++;
        return tombstones;
    }
}
