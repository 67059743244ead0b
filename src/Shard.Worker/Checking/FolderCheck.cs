using VectorDb.Engine;

namespace VectorDb.ShardWorker.Checking;

/// <summary>
/// Checks the data of a stopped system: each shard's file by itself, then rows, directory and centroids against each other. It tells
/// damage from what a stop or crash leaves behind and the next start finishes (<see cref="Settler"/>, the migration). Reads page by
/// page and looks ids up in the files, so that memory does not grow with the data.
/// </summary>
public static class FolderCheck
{
    /// <summary>Changes of one repairing transaction.</summary>
    const int RepairsPerCommit = 1_000;

    /// <summary>Changes nothing.</summary>
    /// <param name="folders">Data folders of one system; each holds a file 'shards'.</param>
    /// <param name="progress">Called often: what is being done, and how much of it, 0 to 1.</param>
    /// <param name="stop">Looked at between pages.</param>
    /// <exception cref="ShardInUseException">A server holds a file; the message says which.</exception>
    /// <exception cref="DataFolderException">The folders hold no shards, or do not belong together.</exception>
    public static CheckReport Run(IReadOnlyList<string> folders, Action<string, double> progress, CancellationToken stop)
    {
        using var files = CheckedFiles.In(folders);
        if (files.Paths.Count == 0)
            throw new DataFolderException($"{Path.GetFullPath(folders[0])} holds no shard. Name the data folder with --data.");
        var findings = new Findings();
        files.OpenAll(findings);
        CheckStructures(files, findings, progress, stop);
        new RowPass(files, findings, progress).Run(stop);
        NoteWhatIsMissing(files, findings);
        return findings.ReportOn([.. files.Paths.Keys]);
    }

    /// <summary>Does what the report says can be done. Check again afterwards: that is the proof.</summary>
    /// <returns>A sentence for each thing done.</returns>
    /// <exception cref="ShardException">A file cannot be opened or written; what was done before stays done.</exception>
    public static IReadOnlyList<string> Repair(
        IReadOnlyList<string> folders, CheckReport report, Action<string, double> progress, CancellationToken stop)
    {
        using var files = CheckedFiles.In(folders);
        var done = new List<string>();
        foreach (var shard in report.Repairs.GroupBy(repair => repair.Shard))
        {
            progress($"repairing shard {shard.Key}", 0);
            using var engine = Shard.Open(new() { Path = files.Paths[shard.Key], Number = shard.Key }, stop);
            foreach (var batch in shard.Chunk(RepairsPerCommit))
            {
                stop.ThrowIfCancellationRequested();
                engine.Write(transaction =>
                {
                    foreach (var repair in batch)
                        repair.Run(transaction);
                    return true;
                });
                done.AddRange(batch.Select(repair => repair.Does));
            }
        }
        return done;
    }

    static void CheckStructures(CheckedFiles files, Findings findings, Action<string, double> progress, CancellationToken stop)
    {
        foreach (var shard in files.All.ToList())
        {
            stop.ThrowIfCancellationRequested();
            progress($"checking the file of shard {shard.Number}", 0);
            var faults = StructureFaults(shard);
            foreach (var fault in faults)
                findings.Loss($"Shard {shard.Number}: {fault}.", "copy the file from a replica.");
            if (faults.Count > 0)
            {
                files.GiveUp(shard.Number);
                continue;
            }
            foreach (var fault in shard.MendableFaults())
            {
                findings.Damage($"Shard {shard.Number}: {fault}");
                findings.Mend(shard.Number);
            }
        }
    }

    static IReadOnlyList<string> StructureFaults(ShardInspection shard)
    {
        try
        {
            return shard.StructureFaults();
        }
        catch (ShardException e)
        {
            return [e.Message];
        }
    }

    static void NoteWhatIsMissing(CheckedFiles files, Findings findings)
    {
        if (files.AreReplicas)
            findings.Note("These files are replicas, which also need what waits in their queues: only each file by itself was checked.");
        else if (files.Change is { } change)
            findings.Note($"The number of shards is being changed from {change.From} to {change.To}, so that ids have two homes: only each "
                + "file by itself was checked. Start the server, wait until 'vectordb shards list' shows it done, stop it, check again.");
        else if (!files.AreComplete)
            findings.Note($"Of {files.ShardCount} shards, {files.LackingCount} are not here or not readable: "
                + "what belongs to them was not compared, and ids are not repaired without them (--data names several folders).");
    }
}
