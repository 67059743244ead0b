using System.Globalization;

namespace VectorDb.ShardWorker;

/// <summary>
/// The file `shards` in a data folder: how many shards the system had when the folder was made, or was changed to since. Ids find their
/// home by that number, so a folder is not opened with another by mistake. After a change settings may still have the old number: the
/// file says so ("6 changed"), and is right.
/// </summary>
public static class ShardCountFile
{
    const string Name = "shards";
    const string Changed = " changed";

    /// <summary>Writes the number into a new folder.</summary>
    /// <exception cref="DataFolderException">The folder was made with another number, or cannot be written.</exception>
    public static void Check(string dataPath, int shardCount)
    {
        if (ReadText(dataPath) is not { } text)
            Write(dataPath, $"{shardCount}");
        else if (Parse(text, dataPath) is var found && found != shardCount && !text.EndsWith(Changed, StringComparison.Ordinal))
            throw new DataFolderException(
                $"The data folder {Path.GetFullPath(dataPath)} was made with {found} shards, and {shardCount} were asked for. "
                + $"Start with {found} shards (--shards {found}, or VectorDb__Shards={found}), or use another folder. A running server "
                + $"changes the number: vectordb shards {(found < shardCount ? "add" : "remove")} {Math.Abs(shardCount - found)}.");
    }

    /// <summary>The number was changed while the system ran: from now on settings with the old one do no harm.</summary>
    /// <exception cref="DataFolderException">The folder cannot be written.</exception>
    public static void Change(string dataPath, int shardCount) => Write(dataPath, $"{shardCount}{Changed}");

    /// <summary>The number in a folder; null where there is none yet.</summary>
    public static int? Read(string dataPath) => ReadText(dataPath) is { } text ? Parse(text, dataPath) : null;

    static string? ReadText(string dataPath)
    {
        var path = Path.Combine(dataPath, Name);
        return File.Exists(path) ? File.ReadAllText(path).Trim() : null;
    }

    static int Parse(string text, string dataPath)
    {
        var number = text.EndsWith(Changed, StringComparison.Ordinal) ? text[..^Changed.Length] : text;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new DataFolderException(
                $"{Path.GetFullPath(Path.Combine(dataPath, Name))} should hold the number of shards and does not; write it there.");
    }

    static void Write(string dataPath, string text)
    {
        try
        {
            Directory.CreateDirectory(dataPath);
            var path = Path.Combine(dataPath, Name);
            File.WriteAllText(path + ".tmp", text + "\n");
            File.Move(path + ".tmp", path, overwrite: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new DataFolderException(
                $"The data folder {Path.GetFullPath(dataPath)} cannot be written: {e.Message} Choose another.", e);
        }
    }
}

/// <summary>The data folder does not fit what was asked, or cannot be written. The message says what to do.</summary>
public sealed class DataFolderException(string message, Exception? inner = null) : Exception(message, inner);
