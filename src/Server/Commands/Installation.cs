using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Commands;

/// <summary>Where the files are that come with the program: models and samples.</summary>
public static class Installation
{
    /// <summary>Set by the launcher script to the repository.</summary>
    const string HomeVariable = "VECTORDB_HOME";

    const string ModelPathVariable = "VectorDb__ModelPath";

    /// <summary>
    /// The folder that has the models: the one named, or of the program's place upwards, or the current one.
    /// </summary>
    public static string Home { get; } = Find();

    /// <summary>The folder of models to use, or null to leave it to the settings.</summary>
    /// <param name="given">What the user named, if anything.</param>
    public static string? ModelPath(string? given)
    {
        if (given is not null)
            return Directory.Exists(given) ? given : throw new CommandFailure($"There is no folder {given} (--models).");
        return Environment.GetEnvironmentVariable(ModelPathVariable) is null ? Path.Combine(Home, "models") : null;
    }

    /// <exception cref="CommandFailure">It is not there.</exception>
    public static string Sample(string name)
    {
        var path = Path.Combine(Home, "samples", name);
        return File.Exists(path) ? path : throw new CommandFailure(
            $"There is no {path}. Run the demo from a clone of the repository, or set {HomeVariable} to one.");
    }

    static string Find()
    {
        if (Environment.GetEnvironmentVariable(HomeVariable) is { Length: > 0 } home)
            return Path.GetFullPath(home);
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (Directory.Exists(Path.Combine(folder.FullName, "models")))
                return folder.FullName;
        }

        return Environment.CurrentDirectory;
    }
}
