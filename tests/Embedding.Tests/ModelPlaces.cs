using Xunit;

namespace VectorDb.Embedding.Tests;

/// <summary>Where the models are: the small one in the repository, the large one in a folder beside it, if at all.</summary>
static class ModelPlaces
{
    public const string MiniLm = "all-MiniLM-L6-v2";
    public const string Mpnet = "all-mpnet-base-v2";

    /// <summary>The repository's <c>models</c> folder.</summary>
    public static string Repository { get; } = Walk(folder => Path.Combine(folder, "models"), MiniLm)
        ?? throw new DirectoryNotFoundException("No models folder above the tests: run them inside a clone.");

    /// <summary>Token references and vectors, copied beside the tests.</summary>
    public static string DataFile(string name) => Path.Combine(AppContext.BaseDirectory, "Data", name);

    /// <summary>The folder that has the model; the test is skipped, with the reason, where the large one is not there.</summary>
    public static string ModelsPath(string modelName)
    {
        if (modelName == MiniLm)
            return Repository;
        var shared = Environment.GetEnvironmentVariable("VECTORDB_SHARED") ?? Walk(folder => Path.Combine(folder, "shared"), "models");
        var models = shared is null ? null : Path.Combine(shared, "models");
        if (models is null || !File.Exists(Path.Combine(models, modelName, "model.onnx")))
            Assert.Skip($"{modelName} is neither under VECTORDB_SHARED nor in a folder `shared` beside the repository.");
        return models;
    }

    static string? Walk(Func<string, string> candidate, string inside)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var found = candidate(folder.FullName);
            if (Directory.Exists(Path.Combine(found, inside)))
                return found;
        }

        return null;
    }
}
