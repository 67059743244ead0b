using VectorDb.Engine.Storage;

namespace VectorDb.Engine;

/// <summary>
/// Copies shards' files while they are in use, by this process or another of this machine, all as they are at one moment: no copy
/// holds an effect whose cause is missing from another. Writers are held up only until every file's snapshot is taken, some
/// milliseconds; what is written while the copying goes on is not in the copies.
/// </summary>
public static class ShardBackup
{
    /// <summary>Pages copied between two looks at the cancellation token: 16 MiB.</summary>
    const int PagesAtOnce = 1_024;

    /// <summary>Copies the files into a folder that does not exist yet; it appears when all copies are on the disk.</summary>
    /// <param name="files">The shards' SQLite files, under the names that they keep.</param>
    /// <param name="others">Further files to put beside them.</param>
    /// <param name="folder">Where the copies go.</param>
    /// <param name="progress">Called with each file that is done.</param>
    /// <param name="cancellationToken">Looked at every 16 MiB.</param>
    /// <exception cref="ShardException">A file cannot be read or written; the message says what to do.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; nothing is left behind.</exception>
    public static void Copy(
        IReadOnlyList<string> files, IReadOnlyList<string> others, string folder, Action<string> progress,
        CancellationToken cancellationToken = default)
    {
        var target = Path.GetFullPath(folder);
        if (Path.Exists(target))
            throw new ShardAccessException($"{target} exists already. Name a folder that does not, so that no older copy is mixed in.");
        var partial = target + ".partial";
        try
        {
            if (System.IO.Directory.Exists(partial))
                System.IO.Directory.Delete(partial, recursive: true);
            System.IO.Directory.CreateDirectory(partial);
            using (var moment = Moment.Of(files))
            {
                for (var i = 0; i < files.Count; i++)
                {
                    CopyOne(moment.Snapshots[i], Path.Combine(partial, Path.GetFileName(files[i])), cancellationToken);
                    progress(files[i]);
                }
            }
            foreach (var other in others)
                File.Copy(other, Path.Combine(partial, Path.GetFileName(other)));
            System.IO.Directory.Move(partial, target);
        }
        catch (Exception e)
        {
            if (System.IO.Directory.Exists(partial))
                System.IO.Directory.Delete(partial, recursive: true);
            if (e is IOException or UnauthorizedAccessException)
                throw new ShardAccessException($"{target} cannot be written ({e.Message}). Choose another folder.", e);
            throw;
        }
    }

    static void CopyOne(Database snapshot, string target, CancellationToken cancellationToken)
    {
        using (var copy = Database.Open(target, readOnly: false))
            snapshot.CopyTo(copy, PagesAtOnce, cancellationToken);
        using var file = new FileStream(target, FileMode.Open, FileAccess.ReadWrite);
        file.Flush(flushToDisk: true);
    }
}
