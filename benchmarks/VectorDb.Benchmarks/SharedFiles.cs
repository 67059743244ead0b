namespace VectorDb.Benchmarks;

/// <summary>
/// Where data and models lie that are too large for the repository: in the folder that VECTORDB_SHARED names, else in a
/// folder <c>shared</c> beside the repository.
/// </summary>
static class SharedFiles
{
    public static string Data(string name) => Find(Path.Combine("data", name))
        ?? throw new FileNotFoundException(
            $"data/{name} is neither under VECTORDB_SHARED nor in a folder `shared` beside the repository.");

    /// <summary>The folder that has the model in it: the repository's own comes first.</summary>
    public static string Models(string model)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "models", model, "model.onnx")))
                return Path.Combine(folder.FullName, "models");
        }

        return Find("models") ?? "models";
    }

    static string? Find(string inside)
    {
        if (Environment.GetEnvironmentVariable("VECTORDB_SHARED") is { } shared)
            return Path.Combine(shared, inside);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", inside);
            if (Path.Exists(path))
                return path;
        }

        return null;
    }
}
