using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>Files that lie beside the repository on the machines that have them.</summary>
public static class SharedFiles
{
    /// <summary>The path, or the test is skipped.</summary>
    public static string Find(string relativePath)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", relativePath);
            if (File.Exists(path))
                return path;
        }

        var named = Path.Combine(Environment.GetEnvironmentVariable("VECTORDB_SHARED") ?? "", relativePath);
        if (!File.Exists(named))
            Assert.Skip($"There is no shared/{relativePath} beside the repository, and VECTORDB_SHARED names no folder that has it.");
        return named;
    }

    /// <summary>A file of this repository.</summary>
    public static string OfRepository(string relativePath)
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "VectorDb.sln")))
            folder = folder.Parent;
        return Path.Combine(folder?.FullName ?? throw new InvalidOperationException("not built inside the repository"), relativePath);
    }
}
