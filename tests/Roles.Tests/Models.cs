using VectorDb.Embedding;

[assembly: AssemblyFixture(typeof(VectorDb.Roles.Tests.SharedEmbedder))]

namespace VectorDb.Roles.Tests;

/// <summary>Where the repository keeps its models.</summary>
static class Models
{
    public const string Name = "all-MiniLM-L6-v2";

    public static string Folder { get; } = Find();

    static string Find()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
            if (File.Exists(Path.Combine(folder.FullName, "VectorDb.sln")))
                return Path.Combine(folder.FullName, "models");
        throw new DirectoryNotFoundException(
            $"No VectorDb.sln above {AppContext.BaseDirectory}: run the tests from a build inside the repository.");
    }
}

/// <summary>The real model, loaded once for all tests.</summary>
public sealed class SharedEmbedder : IDisposable
{
    public IEmbedder Embedder { get; } = OnnxEmbedder.Load(ModelFolder.Find(Models.Folder, Models.Name));

    public void Dispose() => Embedder.Dispose();
}
