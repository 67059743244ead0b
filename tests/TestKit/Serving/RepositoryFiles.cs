using Xunit;

namespace VectorDb.TestKit.Serving;

/// <summary>Where files are that come with the repository, or lie beside it.</summary>
public static class RepositoryFiles
{
    public static string Models { get; } = Above("models", AppContext.BaseDirectory)
        ?? throw new DirectoryNotFoundException("No folder models above the test program: run the tests from a clone of the repository.");

    static string? Shared { get; } = Environment.GetEnvironmentVariable("VECTORDB_SHARED") is { Length: > 0 } named
        ? named
        : Above("shared", AppContext.BaseDirectory);

    /// <summary>A reference file that is not in the repository; where it is missing the test is skipped and says so.</summary>
    public static string SharedOrSkip(string name)
    {
        var path = Shared is null ? null : Path.Combine(Shared, "data", name);
        if (path is null || !File.Exists(path))
            Assert.Skip($"There is no shared/data/{name} beside the repository, and VECTORDB_SHARED names no folder that has it.");
        return path;
    }

    static string? Above(string name, string start)
    {
        for (var folder = new DirectoryInfo(start); folder is not null; folder = folder.Parent)
            if (Path.Combine(folder.FullName, name) is var path && Directory.Exists(path))
                return path;
        return null;
    }
}
