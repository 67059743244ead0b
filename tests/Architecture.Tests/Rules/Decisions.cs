using System.Text.RegularExpressions;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>The form of docs/decisions: one page each, always with the same four headings.</summary>
public static partial class Decisions
{
    public const string Folder = "docs/decisions/";

    static readonly string[] Headings = ["Context", "Decision", "Rejected", "How we would notice that it was wrong"];

    public static IEnumerable<Finding> Of(string path, string text)
    {
        if (!FileName().IsMatch(path[Folder.Length..]))
            yield return new Finding(path, 0, path[Folder.Length..], "four digits, a hyphen, words with hyphens, .md");

        var lines = text.Split('\n');
        if (!lines[0].StartsWith("# ", StringComparison.Ordinal))
            yield return new Finding(path, 1, $"\"{lines[0]}\"", "the decision in one line, as \"# \" and a sentence");

        var found = lines.Where(line => line.StartsWith("## ", StringComparison.Ordinal))
            .Select(line => line[3..].Trim()).ToList();
        if (!found.SequenceEqual(Headings))
        {
            yield return new Finding(path, 1, $"the headings {string.Join(", ", found)}",
                $"exactly, as \"## \" and in this order: {string.Join(", ", Headings)}");
        }
    }

    /// <summary>Two records with one number make every reference to it ambiguous.</summary>
    public static IEnumerable<Finding> Numbers(IEnumerable<string> paths) =>
        from path in paths
        group path by path[Folder.Length..].Split('-')[0] into same
        where same.Count() > 1
        from path in same
        select new Finding(path, 0, $"number {same.Key} used {same.Count()} times", "one record a number");

    [GeneratedRegex("^[0-9]{4}(-[a-z0-9]+)+[.]md$")]
    private static partial Regex FileName();
}
