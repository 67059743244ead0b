using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests;

/// <summary>One C# file, parsed once. Syntax only: no types are resolved, so rules go by names.</summary>
public sealed class SourceFile
{
    SourceFile(string path, string text)
    {
        Path = path;
        Lines = text.Split('\n');
        var options = new CSharpParseOptions(LanguageVersion.Preview, DocumentationMode.Parse);
        Root = (CompilationUnitSyntax)CSharpSyntaxTree.ParseText(text, options, path).GetRoot();
    }

    /// <summary>Relative to the repository, with forward slashes.</summary>
    public string Path { get; }

    /// <summary>Without line ends; the empty last one of a file that ends in a newline included.</summary>
    public IReadOnlyList<string> Lines { get; }

    public CompilationUnitSyntax Root { get; }

    /// <summary>The first two segments, as "src/Engine".</summary>
    public string Project => string.Join('/', Path.Split('/').Take(2));

    public bool IsSource => Path.StartsWith("src/", StringComparison.Ordinal);

    public static SourceFile Parse(string path, string text) => new(path, text);

    public IEnumerable<T> All<T>() where T : SyntaxNode => Root.DescendantNodes().OfType<T>();

    /// <summary>Line of a node's first token that is not part of an attribute or comment, from 1.</summary>
    public static int FirstLine(SyntaxNode node)
    {
        var attributes = node.ChildNodes().OfType<AttributeListSyntax>().LastOrDefault();
        var token = attributes?.GetLastToken().GetNextToken() ?? node.GetFirstToken();
        return token.GetLocation().GetLineSpan().StartLinePosition.Line + 1;
    }

    public static int LastLine(SyntaxNode node) => node.GetLocation().GetLineSpan().EndLinePosition.Line + 1;

    public Finding Breach(SyntaxNode node, string found, string allowed) =>
        new(Path, FirstLine(node), found, allowed);
}
