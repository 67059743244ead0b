namespace VectorDb.Engine.Storage;

/// <summary>What the tables of a damaged file say, for its repair. Used by the writer.</summary>
internal sealed class Mending(Database database)
{
    /// <summary>Slots of vectors without a row; those of damaged rows that were replaced are kept on purpose.</summary>
    internal const string StraySql =
        """
        SELECT v.slot FROM vectors v LEFT JOIN points p ON p.slot = v.slot LEFT JOIN quarantine q ON q.slot = v.slot
        WHERE p.slot IS NULL AND q.slot IS NULL
        """;

    internal const string PointsSql =
        "SELECT count(*) FROM points p WHERE NOT EXISTS (SELECT 1 FROM quarantine q WHERE q.slot = p.slot)";

    internal const string TombstonesSql = "SELECT count(*) FROM tombstones";

    internal const string EntriesSql = "SELECT count(*) FROM directory WHERE deleted = 0";

    public IReadOnlyList<long> StrayVectors()
    {
        using var statement = database.PrepareOnce(StraySql);
        using var rows = statement.Rows();
        var slots = new List<long>();
        while (rows.Next())
            slots.Add(rows.Int64(0));
        return slots;
    }

    public void DropOutdatedTombstones() => database.Execute(
        """
        DELETE FROM tombstones WHERE EXISTS (
            SELECT 1 FROM points p WHERE p.key = tombstones.key AND p.version >= tombstones.version)
        """);

    /// <summary>What the tables hold. The numbers that are given out never go back.</summary>
    public Counters Count(Counters counters) => new(
        Math.Max(counters.Version, database.Number("SELECT max(version) FROM directory")),
        Math.Max(counters.Sequence, database.Number(
            "SELECT max(coalesce((SELECT max(seq) FROM points), 0), coalesce((SELECT max(seq) FROM tombstones), 0))")),
        database.Number(PointsSql), database.Number(TombstonesSql), database.Number(EntriesSql));
}
