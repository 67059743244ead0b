using System.Diagnostics;

namespace VectorDb.Engine.Tests.Faults;

/// <summary>
/// A disk of a given size: a tmpfs, which only root may mount; a test that asks for one without is skipped.
/// </summary>
sealed class SmallDisk : IDisposable
{
    SmallDisk(string folder) => Folder = folder;

    public string Folder { get; }

    public static SmallDisk Mount(string size, bool readOnly = false)
    {
        Assert.SkipUnless(OperatingSystem.IsLinux() && Environment.IsPrivilegedProcess, "mounting a tmpfs needs Linux and root");
        var folder = System.IO.Directory.CreateTempSubdirectory("vectordb-disk-").FullName;
        var options = $"size={size}" + (readOnly ? ",ro" : "");
        if (Run("mount", "-t", "tmpfs", "-o", options, "tmpfs", folder) != 0)
        {
            System.IO.Directory.Delete(folder);
            Assert.Skip("this machine does not let root mount a tmpfs");
        }
        return new SmallDisk(folder);
    }

    public void Dispose()
    {
        Run("umount", Folder);
        System.IO.Directory.Delete(Folder);
    }

    static int Run(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true })!;
        process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode;
    }
}
