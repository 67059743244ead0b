using System.Diagnostics;
using System.Xml.Linq;

namespace VectorDb.Architecture.Tests;

/// <summary>The repository that the tests were built in. Everything is read once, at first use.</summary>
public static class Repository
{
    static readonly string[] CodeFolders = ["src", "tests", "benchmarks"];
    static readonly string[] MadeFolders = ["bin", "obj", "TestResults", "BenchmarkDotNet.Artifacts"];
    static readonly Lazy<string> FoundRoot = new(FindRoot);
    static readonly Lazy<IReadOnlyList<SourceFile>> ParsedSources = new(ParseSources);
    static readonly Lazy<IReadOnlyList<string>> ListedFiles = new(() => ListByGit() ?? ListByWalking());

    /// <summary>The folder that holds VectorDb.sln.</summary>
    public static string Root => FoundRoot.Value;

    /// <summary>Every C# file under src, tests and benchmarks, committed or not.</summary>
    public static IReadOnlyList<SourceFile> Sources => ParsedSources.Value;

    /// <summary>Paths of the files that git tracks; without git, of every file that no build makes.</summary>
    public static IReadOnlyList<string> Files => ListedFiles.Value;

    /// <summary>Every project file under src, tests and benchmarks, by its path.</summary>
    public static IEnumerable<(string Path, XDocument Xml)> Projects =>
        CodeFolders.SelectMany(folder => Walk(folder))
            .Where(path => path.EndsWith(".csproj", StringComparison.Ordinal))
            .Select(path => (path, XDocument.Load(FullPath(path), LoadOptions.SetLineInfo)));

    public static string FullPath(string path) => Path.Combine(Root, path);

    static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder != null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "VectorDb.sln")))
                return folder.FullName;
        }

        throw new InvalidOperationException(
            $"No VectorDb.sln above {AppContext.BaseDirectory}: run the tests from a build inside the repository.");
    }

    static List<SourceFile> ParseSources() =>
        CodeFolders.SelectMany(folder => Walk(folder))
            .Where(path => path.EndsWith(".cs", StringComparison.Ordinal))
            .Select(path => SourceFile.Parse(path, File.ReadAllText(FullPath(path))))
            .ToList();

    static IEnumerable<string> Walk(string folder)
    {
        var full = FullPath(folder);
        var files = Directory.EnumerateFiles(full).Select(file => Path.GetRelativePath(Root, file).Replace('\\', '/'));
        var inner = Directory.EnumerateDirectories(full).Select(child => Path.GetFileName(child))
            .Where(name => !MadeFolders.Contains(name) && name != ".git")
            .SelectMany(name => Walk(Path.Combine(folder, name)));
        return files.Concat(inner);
    }

    // A downloaded archive has no history: there every file came with it, except what a build or a server makes.
    static List<string> ListByWalking() =>
        Walk("").Where(path => !path.StartsWith("data/", StringComparison.Ordinal)).ToList();

    static List<string>? ListByGit()
    {
        var start = new ProcessStartInfo("git", ["ls-files", "-z"])
        {
            WorkingDirectory = Root,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            using var git = Process.Start(start)!;
            git.ErrorDataReceived += (_, _) => { };
            git.BeginErrorReadLine();
            var output = git.StandardOutput.ReadToEnd();
            git.WaitForExit();
            var paths = output.Split('\0', StringSplitOptions.RemoveEmptyEntries);
            return git.ExitCode == 0 ? paths.Where(path => File.Exists(FullPath(path))).ToList() : null;
        }
        catch (System.ComponentModel.Win32Exception)
        {
            return null;    // git is not installed
        }
    }
}
