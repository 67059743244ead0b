using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>Words that name nothing: where they appear, cohesion has already gone.</summary>
public static partial class Names
{
    static readonly string[] Never =
        ["Manager", "Helper", "Helpers", "Util", "Utils", "Utility", "Utilities", "Common"];

    static readonly string[] NeverLast = ["Base", "Data", "Info"];

    public static IEnumerable<Finding> OfTypes(SourceFile file) =>
        from node in file.Root.DescendantNodes()
        let identifier = (node as BaseTypeDeclarationSyntax)?.Identifier
            ?? (node as DelegateDeclarationSyntax)?.Identifier
        where identifier != null
        from word in BadWords(identifier.Value.ValueText)
        select file.Breach(node, $"type {identifier.Value.ValueText}", Advice(word));

    /// <summary>Of code folders and files, extension left off.</summary>
    public static IEnumerable<Finding> OfPaths(SourceFile file) =>
        from segment in file.Path.Split('/')
        from word in segment.Split('.').SelectMany(Words).Where(Never.Contains)
        select new Finding(file.Path, 0, $"\"{segment}\"", Advice(word));

    static IEnumerable<string> BadWords(string name)
    {
        var words = Words(name).ToList();
        return words.Where(Never.Contains).Concat(words.TakeLast(1).Where(NeverLast.Contains));
    }

    static string Advice(string word) =>
        $"a name without \"{word}\": say what the thing is, with a noun or verb of its own";

    static IEnumerable<string> Words(string name) => Word().Matches(name).Select(match => match.Value);

    [GeneratedRegex("[A-Z]+(?![a-z])|[A-Z][a-z0-9]*|[a-z0-9]+")]
    private static partial Regex Word();
}
