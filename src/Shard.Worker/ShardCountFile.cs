using System.Globalization;

namespace VectorDb.ShardWorker;

/// <summary>
/// The file `shards` in a data folder: how many shards the system had when the folder was made. Ids find their home by that number,
/// so opening the folder with another would lose sight of points.
/// </summary>
public static class ShardCountFile
{
    const string Name = "shards";

    /// <summary>Writes the number into a new folder.</summary>
    /// <exception cref="DataFolderException">The folder was made with another number, or cannot be written.</exception>
    public static void Check(string dataPath, int shardCount)
    {
        if (Read(dataPath) is not { } found)
            Write(dataPath, shardCount);
        else if (found != shardCount)
            throw new DataFolderException(
                $"The data folder {Path.GetFullPath(dataPath)} was made with {found} shards, and {shardCount} were asked for. "
                + $"Start with {found} shards (--shards {found}, or VectorDb__Shards={found}), or use another folder.");
    }

    /// <summary>The number in a folder; null where there is none yet.</summary>
    public static int? Read(string dataPath)
    {
        var path = Path.Combine(dataPath, Name);
        if (!File.Exists(path))
            return null;
        return int.TryParse(File.ReadAllText(path).Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var count)
            ? count
            : throw new DataFolderException($"{Path.GetFullPath(path)} should hold the number of shards and does not; write it there.");
    }

    static void Write(string dataPath, int shardCount)
    {
        try
        {
            Directory.CreateDirectory(dataPath);
            var path = Path.Combine(dataPath, Name);
            File.WriteAllText(path + ".tmp", shardCount.ToString(CultureInfo.InvariantCulture) + "\n");
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
