using System.Text.RegularExpressions;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker.Replication;

namespace VectorDb.ShardWorker.Checking;

/// <summary>
/// The shard files of one or more data folders, all held at once so that nobody changes them meanwhile. One thread at a time.
/// </summary>
sealed partial class CheckedFiles : IDisposable
{
    readonly SortedDictionary<int, ShardInspection> _open = [];

    /// <summary>How many shards the system has, here and elsewhere.</summary>
    public required int ShardCount { get; init; }

    /// <summary>The file of each shard that is here.</summary>
    public required IReadOnlyDictionary<int, string> Paths { get; init; }

    public IReadOnlyCollection<ShardInspection> All => _open.Values;

    /// <summary>Every shard of the system is here, and readable.</summary>
    public bool AreComplete => LackingCount == 0;

    /// <summary>Shards of the system that are not here or cannot be read. The file of one that has left may be here all the same.</summary>
    public int LackingCount => Enumerable.Range(0, ShardCount).Count(shard => !_open.ContainsKey(shard));

    public bool AreReplicas { get; private set; }

    /// <summary>The number of shards is being changed: entries are at two homes, and only a running system knows which decides.</summary>
    public ShardChange? Change { get; private set; }

    /// <summary>Rows and directories of different files can be compared.</summary>
    public bool AreComparable => !AreReplicas && Change is null;

    /// <summary>Null where the shard is not here or cannot be read.</summary>
    public ShardInspection? this[int shard] => _open.GetValueOrDefault(shard);

    /// <summary>Finds the files without opening them.</summary>
    /// <exception cref="DataFolderException">No shards, one twice, or folders of different systems.</exception>
    public static CheckedFiles In(IReadOnlyList<string> folders)
    {
        var paths = new SortedDictionary<int, string>();
        foreach (var path in folders.SelectMany(folder => Directory.GetFiles(folder, "shard_*.sqlite3")))
        {
            if (FileName().Match(Path.GetFileName(path)) is not { Success: true } match
                || !int.TryParse(match.Groups[1].Value, out var shard))
                continue;
            if (!paths.TryAdd(shard, Path.GetFullPath(path)))
                throw new DataFolderException($"Shard {shard} is in {paths[shard]} and in {path}. Check one replica of a shard.");
        }
        var counts = folders.Select(folder => ShardCountFile.Read(folder) ?? throw new DataFolderException(
            $"{Path.GetFullPath(folder)} has no file 'shards', which says how many shards the system has. Write that number into it."))
            .Distinct().ToList();
        if (counts.Count != 1)
            throw new DataFolderException(
                $"These folders belong to systems of {string.Join(" and ", counts)} shards. Check those of one system.");
        return new() { ShardCount = counts[0], Paths = paths };
    }

    /// <summary>Opens all files. One that cannot be read is a finding, one that is in use an error.</summary>
    /// <exception cref="ShardInUseException">The message says who holds it.</exception>
    public void OpenAll(Findings findings)
    {
        foreach (var (shard, path) in Paths)
        {
            try
            {
                _open[shard] = ShardInspection.Open(path, shard);
            }
            catch (Exception e) when (e is ShardDamagedException or NotAShardFileException or WrongShardException)
            {
                findings.Loss($"Shard {shard}: {e.Message}", "copy the file from a replica.");
            }
        }
        AreReplicas = All.Any(ReplicaFile.IsIn);
        Change = AreReplicas ? null : Collection()?.Change;
    }

    /// <summary>Its pages cannot be trusted: nothing more is asked of it.</summary>
    public void GiveUp(int shard)
    {
        if (_open.Remove(shard, out var inspection))
            inspection.Dispose();
    }

    public CollectionState? Collection() => this[ShardAddress.KeeperShard] is { } keeper
        ? CollectionDocument.Read(keeper, CollectionShape.DefaultName)
        : null;

    public void Dispose()
    {
        foreach (var inspection in _open.Values)
            inspection.Dispose();
        _open.Clear();
    }

    [GeneratedRegex(@"^shard_(\d+)\.sqlite3$")]
    private static partial Regex FileName();
}
