namespace VectorDb.Engine.Storage;

/// <summary>One snapshot of each file, all of the same moment.</summary>
internal sealed class Moment : IDisposable
{
    readonly List<Database> _snapshots = [];

    public IReadOnlyList<Database> Snapshots => _snapshots;

    public static Moment Of(IReadOnlyList<string> files)
    {
        var moment = new Moment();
        var writers = new List<Database>();
        try
        {
            // Whoever holds the write lock of every file at once has stopped all writers between two commits.
            foreach (var file in files)
            {
                writers.Add(Database.Open(file, readOnly: false));
                writers[^1].Execute("BEGIN IMMEDIATE");
            }
            foreach (var file in files)
            {
                moment._snapshots.Add(Database.Open(file, readOnly: true));
                moment._snapshots[^1].Execute("BEGIN");
                // A transaction gets its snapshot with the first thing that it reads.
                moment._snapshots[^1].Number("SELECT count(*) FROM sqlite_schema");
            }
            return moment;
        }
        catch
        {
            moment.Dispose();
            throw;
        }
        finally
        {
            foreach (var writer in writers)
            {
                writer.RollBack();
                writer.Dispose();
            }
        }
    }

    public void Dispose()
    {
        foreach (var snapshot in _snapshots)
        {
            snapshot.RollBack();
            snapshot.Dispose();
        }
    }
}
