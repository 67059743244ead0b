using System.CommandLine;
using VectorDb.Engine;
using VectorDb.IngestWorker.Commands;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Commands;

/// <summary>The command <c>backup</c>.</summary>
public static class BackupCommand
{
    /// <summary>What says how many shards a data folder belongs to, and is needed to open it.</summary>
    const string CountFile = "shards";

    public static Command Create()
    {
        var folder = new Argument<string>("folder") { Description = "Folder to make; it must not exist." };
        var data = new Option<string[]>("--data")
        {
            Description = "Data folder, or a folder of data folders; several times if there are more "
                + "(default: VectorDb__DataPath, else ./data).",
            HelpName = "folder",
        };
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
            var sources = parsed.GetValue(data) is { Length: > 0 } given ? given : [DefaultDataPath()];
            Copy(sources, target, parsed.GetValue(json), stop);
            return Task.FromResult(0);
        });
        return command;
    }

    static void Copy(string[] named, string target, bool isJson, CancellationToken stop)
    {
        var sources = named.SelectMany(DataFoldersOf).Distinct().ToList();
        var files = sources.SelectMany(FilesOf).ToList();
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
                + $"'vectordb serve --data {target}' opens it.");
    }

    static void Report(string file, bool isJson)
    {
        if (!isJson)
            Console.Error.WriteLine($"copied {file}");
    }

    /// <summary>Workers on one machine may have folders of their own, side by side.</summary>
    static IEnumerable<string> DataFoldersOf(string source)
    {
        if (!Directory.Exists(source))
            throw new CommandFailure($"There is no folder {Path.GetFullPath(source)}. Name the data folder with --data.");
        var found = FilesOf(source).Count > 0
            ? [source]
            : Directory.GetDirectories(source).Where(folder => FilesOf(folder).Count > 0).Order(StringComparer.Ordinal).ToList();
        return found.Count > 0
            ? found
            : throw new CommandFailure($"{Path.GetFullPath(source)} holds no shard. Name the data folder with --data.");
    }

    static IReadOnlyList<string> FilesOf(string folder) =>
        [.. Directory.GetFiles(folder, "*.sqlite3").Order(StringComparer.Ordinal)];

    static string DefaultDataPath() =>
        Environment.GetEnvironmentVariable($"{VectorDbOptions.Section}__{nameof(VectorDbOptions.DataPath)}")
        ?? new VectorDbOptions().DataPath;

    /// <summary>What `--json` prints.</summary>
    sealed record BackupAnswer(string Folder, int Shards, long Bytes);
}
