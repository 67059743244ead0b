using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>Code with a body: a method, constructor, operator, accessor, property or local function.</summary>
/// <param name="Node">Its declaration.</param>
/// <param name="Name">As a reader would call it.</param>
/// <param name="Length">Lines from the signature to the closing brace; attributes left out.</param>
public sealed record MethodShape(SyntaxNode Node, string Name, int Length);

/// <summary>Finds what has a body, and measures it.</summary>
public static class Methods
{
    /// <summary>A local function is listed by itself, and is also part of the method around it.</summary>
    public static IEnumerable<MethodShape> Of(SourceFile file) =>
        from node in file.Root.DescendantNodes()
        let name = NameOf(node)
        where name != null
        select new MethodShape(node, name, SourceFile.LastLine(node) - SourceFile.FirstLine(node) + 1);

    /// <summary>
    /// How deep control flow is nested: 0 for none, 2 for an if inside a loop. "else if" stays on its level, a lambda
    /// with a block adds one, a local function is measured by itself.
    /// </summary>
    public static int Nesting(SyntaxNode method) => Deepest(method, 0, method);

    static int Deepest(SyntaxNode node, int depth, SyntaxNode method)
    {
        if (node is LocalFunctionStatementSyntax && node != method)
            return depth;

        var here = Opens(node) ? depth + 1 : depth;
        return node.ChildNodes().Select(child => Deepest(child, here, method)).Append(here).Max();
    }

    static bool Opens(SyntaxNode node) => node switch
    {
        IfStatementSyntax => node.Parent is not ElseClauseSyntax,
        ForStatementSyntax or CommonForEachStatementSyntax or WhileStatementSyntax or DoStatementSyntax => true,
        SwitchStatementSyntax or TryStatementSyntax or LockStatementSyntax or FixedStatementSyntax => true,
        UsingStatementSyntax => node.Parent is not UsingStatementSyntax,
        AnonymousFunctionExpressionSyntax function => function.Block != null,
        _ => false,
    };

    static string? NameOf(SyntaxNode node) => node switch
    {
        BaseMethodDeclarationSyntax { Body: null, ExpressionBody: null } => null,
        MethodDeclarationSyntax method => method.Identifier.ValueText,
        ConstructorDeclarationSyntax constructor => $"constructor {constructor.Identifier.ValueText}",
        BaseMethodDeclarationSyntax => "operator or finalizer",
        LocalFunctionStatementSyntax function => $"local function {function.Identifier.ValueText}",
        AccessorDeclarationSyntax { Body: null, ExpressionBody: null } => null,
        AccessorDeclarationSyntax accessor => $"accessor {accessor.Keyword.ValueText}",
        PropertyDeclarationSyntax { ExpressionBody: not null } property => property.Identifier.ValueText,
        IndexerDeclarationSyntax { ExpressionBody: not null } => "indexer",
        _ => null,
    };
}
