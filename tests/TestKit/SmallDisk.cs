using System.Diagnostics;
using Xunit;

namespace VectorDb.TestKit;

/// <summary>
/// A disk of a given size: a tmpfs, which only root may mount; a test that asks for one without is skipped.
/// </summary>
public sealed class SmallDisk : IDisposable
{
    /// <summary>Why there may be none.</summary>
    public const string Problem = "mounting a tmpfs needs Linux and root, on a machine that lets them";

    SmallDisk(string folder) => Folder = folder;

    string Ballast => System.IO.Path.Combine(Folder, "ballast");

    public string Folder { get; }

    /// <summary>Skips the test where it cannot.</summary>
    public static SmallDisk Mount(string size, bool readOnly = false)
    {
        var disk = TryMount(size, readOnly);
        if (disk is null)
            Assert.Skip(Problem);
        return disk;
    }

    /// <summary>Null where this user or machine may not.</summary>
    public static SmallDisk? TryMount(string size, bool readOnly = false)
    {
        if (!OperatingSystem.IsLinux() || !Environment.IsPrivilegedProcess)
            return null;
        var folder = System.IO.Directory.CreateTempSubdirectory("vectordb-disk-").FullName;
        var options = $"size={size}" + (readOnly ? ",ro" : "");
        if (Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder) == 0)
            return new SmallDisk(folder);
        System.IO.Directory.Delete(folder);
        return null;
    }

    /// <summary>Takes what is free.</summary>
    public void Fill()
    {
        using var ballast = new FileStream(Ballast, FileMode.Create);
        // Smaller and smaller pieces, so that not a page is left.
        foreach (var size in new[] { 1 << 20, 1 << 16, 1 << 12 })
            while (TryWrite(ballast, new byte[size]))
            {
            }
    }

    public void Free() => File.Delete(Ballast);

    public void Dispose()
    {
        Run("umount", Folder);
        System.IO.Directory.Delete(Folder);
    }

    static bool TryWrite(FileStream file, byte[] piece)
    {
        try
        {
            file.Write(piece);
            file.Flush();
            return true;
        }
        catch (IOException)
        {
            return false;
        }
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
