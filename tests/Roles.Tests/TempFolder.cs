namespace VectorDb.Roles.Tests;

/// <summary>A folder that goes with the test; in memory where the machine has such a place, because nothing here pulls the plug.</summary>
public sealed class TempFolder : IDisposable
{
    public TempFolder()
    {
        var root = Directory.Exists("/dev/shm") ? "/dev/shm" : System.IO.Path.GetTempPath();
        Path = Directory.CreateDirectory(System.IO.Path.Combine(root, "vectordb-roles-" + Guid.NewGuid().ToString("n"))).FullName;
    }

    public string Path { get; }

    public void Dispose()
    {
        if (Directory.Exists(Path))
            Directory.Delete(Path, recursive: true);
    }
}
