using System.CommandLine;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Commands;

/// <summary>Data folders as commands are told them, for those that work on the files themselves.</summary>
public static class DataFolders
{
    public static Option<string[]> Option() => new("--data")
    {
        Description = "Data folder, or a folder of data folders; several times if there are more "
            + "(default: VectorDb__DataPath, else ./data).",
        HelpName = "folder",
    };

    /// <summary>The folders that hold shards, of those that were named.</summary>
    /// <exception cref="CommandFailure">One is not there, or holds no shard.</exception>
    public static IReadOnlyList<string> Given(ParseResult parsed, Option<string[]> option)
    {
        var named = parsed.GetValue(option) is { Length: > 0 } given ? given : [Default()];
        return [.. named.SelectMany(Of).Distinct()];
    }

    /// <summary>Workers on one machine may have folders of their own, side by side.</summary>
    static IEnumerable<string> Of(string source)
    {
        if (!Directory.Exists(source))
            throw new CommandFailure($"There is no folder {Path.GetFullPath(source)}. Name the data folder with --data.");
        var found = ShardsIn(source).Count > 0
            ? [source]
            : Directory.GetDirectories(source).Where(folder => ShardsIn(folder).Count > 0).Order(StringComparer.Ordinal).ToList();
        return found.Count > 0
            ? found
            : throw new CommandFailure($"{Path.GetFullPath(source)} holds no shard. Name the data folder with --data.");
    }

    /// <summary>The files of the shards in a folder.</summary>
    public static IReadOnlyList<string> ShardsIn(string folder) =>
        [.. Directory.GetFiles(folder, "*.sqlite3").Order(StringComparer.Ordinal)];

    static string Default() =>
        Environment.GetEnvironmentVariable($"{VectorDbOptions.Section}__{nameof(VectorDbOptions.DataPath)}")
        ?? new VectorDbOptions().DataPath;
}
