using System.Text.RegularExpressions;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>What no text of the repository may hold, whatever its language.</summary>
public static partial class Texts
{
    public const long FileBytes = 1_000_000;

    /// <summary>Files that may be large, by how their paths start, each for a reason.</summary>
    static readonly string[] MayBeLarge =
    [
        "models/",      // a clone must embed without a network
        "samples/",     // the corpus of the first minute
        "tests/Embedding.Tests/Data/embeddings.jsonl",    // reference vectors; a smaller set would miss rare texts
    ];

    static readonly string[] Code =
        [".cs", ".csproj", ".props", ".targets", ".sh", ".yml", ".yaml", ".json", ".editorconfig", "", ".Dockerfile"];

    static readonly string[] Prose = [".md"];

    /// <summary>A file is read as text here by its extension; the ones without any are scripts.</summary>
    public static bool IsText(string path) => IsCode(path) || Prose.Contains(Path.GetExtension(path));

    public static IEnumerable<Finding> Of(string path, string text)
    {
        foreach (var (index, line) in text.Split('\n').Index())
        {
            if (line.Length > 0 && char.IsWhiteSpace(line[^1]))
                yield return new Finding(path, index + 1, "white space at the end of the line", "none");
            if (MachinePath().IsMatch(line))
                yield return new Finding(path, index + 1, "a path of one machine", "paths relative to the repository");
            if (IsCode(path) && Unfinished().Match(line) is { Success: true } word)
                yield return new Finding(path, index + 1, word.Value, "finish it, or open an issue and leave it out");
            if (IsCode(path) && Region().IsMatch(line))
                yield return new Finding(path, index + 1, line.Trim(), "no regions: split the file");
        }
    }

    public static IEnumerable<Finding> OfSize(string path, long bytes)
    {
        if (bytes > FileBytes && !MayBeLarge.Any(start => path.StartsWith(start, StringComparison.Ordinal)))
        {
            yield return new Finding(path, 0, $"{bytes:N0} bytes", $"{FileBytes:N0}, or an entry in this test's list "
                + "with a reason; generated and downloaded files belong in .gitignore");
        }
    }

    static bool IsCode(string path) => Code.Contains(Path.GetExtension(path)) && Path.GetFileName(path) != "LICENSE";

    // The patterns are put together from parts, so that this file does not match itself.
    [GeneratedRegex(@"(?<![\w./~-])/" + @"(work|home/\w+|Users/\w+)/")]
    private static partial Regex MachinePath();

    [GeneratedRegex(@"\b(TO" + @"DO|FIX" + @"ME|XX" + @"X)\b")]
    private static partial Regex Unfinished();

    [GeneratedRegex(@"^\s*#" + @"(end)?region\b")]
    private static partial Regex Region();
}
