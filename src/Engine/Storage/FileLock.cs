using System.Diagnostics;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Keeps a shard's file to one <see cref="Shard"/> of one process: an exclusive lock, which the operating system drops
/// when the process dies, on a file beside it. A second file says who holds it, since a locked file cannot be read
/// everywhere.
/// </summary>
internal sealed class FileLock : IDisposable
{
    readonly FileStream _lock;
    readonly string _ownerPath;

    FileLock(FileStream @lock, string ownerPath) => (_lock, _ownerPath) = (@lock, ownerPath);

    public static FileLock Take(string path)
    {
        var ownerPath = path + ".owner";
        FileStream? file = null;
        try
        {
            System.IO.Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
            file = new FileStream(path + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            using var process = Process.GetCurrentProcess();
            File.WriteAllText(ownerPath, $"process {process.Id} ({process.ProcessName}) on {Environment.MachineName}");
            return new FileLock(file, ownerPath);
        }
        catch (IOException exception) when (file is null && IsHeld(exception))
        {
            throw new ShardInUseException(
                $"{path} is held by {Owner(ownerPath)}. Stop that process, or give this one another data folder.");
        }
        catch (IOException exception) when (IsDiskFull(exception))
        {
            file?.Dispose();
            throw new DiskFullException($"No room left beside {path}. Free space on the disk and start again.");
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            file?.Dispose();
            throw new ShardAccessException(
                $"The folder of {path} cannot be made or written ({exception.Message}). "
                + "Give this user the right to write there, or set another data folder.", exception);
        }
    }

    public void Dispose()
    {
        // The lock files stay: deleting them would let a third process lock a new file while a second waits for the
        // old.
        File.Delete(_ownerPath);
        _lock.Dispose();
    }

    /// <summary>EWOULDBLOCK of Linux and macOS, ERROR_SHARING_VIOLATION of Windows.</summary>
    static bool IsHeld(IOException exception) => (exception.HResult & 0xffff) is 11 or 35 or 32;

    /// <summary>ENOSPC of Linux and macOS, ERROR_DISK_FULL of Windows.</summary>
    static bool IsDiskFull(IOException exception) => (exception.HResult & 0xffff) is 28 or 112;

    static string Owner(string ownerPath)
    {
        try
        {
            return File.ReadAllText(ownerPath);
        }
        catch (IOException)
        {
            return "another process";
        }
    }
}
