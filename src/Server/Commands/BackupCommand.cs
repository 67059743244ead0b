using System.CommandLine;
using VectorDb.Engine;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>backup</c>.</summary>
public static class BackupCommand
{
    /// <summary>What says how many shards a data folder belongs to, and is needed to open it.</summary>
    const string CountFile = "shards";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder to make; it must not exist." };
        var data = DataFolders.Option();
        var json = SharedOptions.Json();
        var command = new CommandWithExamples("backup", "Copy the data of this machine, all shards at one moment, while they are in use.",
            "vectordb backup /backups/today",
            "vectordb backup /backups/today --data /data/shard-0 --data /data/shard-1")
        {
            folder, data, json,
        };
        command.SetAction((parsed, stop) =>
        {
            var target = parsed.GetValue(folder)!;
            Copy(DataFolders.Given(parsed, data), target, parsed.GetValue(json), stop);
            return Task.FromResult(0);
        });
        return command;
    }

    static void Copy(IReadOnlyList<string> sources, string target, bool isJson, CancellationToken stop)
    {
        var files = sources.SelectMany(DataFolders.ShardsIn).ToList();
        if (files.GroupBy(Path.GetFileName).FirstOrDefault(group => group.Count() > 1) is { } twice)
            throw new CommandFailure($"{twice.Key} is in {string.Join(" and in ", twice)}. Back up one replica of a shard.");
        var others = sources.Select(source => Path.Combine(source, CountFile)).Where(File.Exists).Take(1).ToList();
        try
        {
            ShardBackup.Copy(files, others, target, file => Report(file, isJson), stop);
        }
        catch (ShardException e)
        {
            throw new CommandFailure(e.Message, e);
        }
        var bytes = new DirectoryInfo(target).EnumerateFiles().Sum(file => file.Length);
        if (isJson)
            Terminal.WriteJson(new BackupAnswer(Path.GetFullPath(target), files.Count, bytes));
        else
            Console.Out.WriteLine(
                $"{files.Count} shards, {bytes / 1e6:N1} MB, in {Path.GetFullPath(target)}. It is a data folder: "
                + $"'vectordb serve --data {target}' opens it if all shards are in it and none is one of several replicas; "
                + "else see docs/operations.md, Restore.");
    }

    static void Report(string file, bool isJson)
    {
        if (!isJson)
            Console.Error.WriteLine($"copied {file}");
    }

    /// <summary>What `--json` prints.</summary>
    sealed record BackupAnswer(string Folder, int Shards, long Bytes);
}
