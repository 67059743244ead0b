using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>
/// What Contracts may declare. A message is a sealed record of init-only members; values inside messages may be structs
/// or enums, and constants and conversions static classes.
/// </summary>
public static class Messages
{
    /// <summary>Routers and shards must place vectors alike, and neither may know the other: the one function they share.</summary>
    const string SharedFunction = "Placement";

    public static IEnumerable<Finding> Documented(SourceFile file) =>
        from node in file.Root.DescendantNodes().OfType<MemberDeclarationSyntax>()
        where node is BaseTypeDeclarationSyntax or DelegateDeclarationSyntax
        where node.Modifiers.Any(SyntaxKind.PublicKeyword) && !HasSummary(node)
        select file.Breach(node, $"public {NameOf(node)} without a summary",
            "a doc comment: who sends it, who consumes it, what happens if it arrives twice");

    public static IEnumerable<Finding> Declared(SourceFile file) =>
        file.All<TypeDeclarationSyntax>().SelectMany(type => type switch
        {
            RecordDeclarationSyntax record when record.IsKind(SyntaxKind.RecordDeclaration) => OfRecord(file, record),
            ClassDeclarationSyntax plain => OfClass(file, plain),
            InterfaceDeclarationSyntax => [file.Breach(type, $"interface {NameOf(type)}", "messages are records")],
            _ => [],
        });

    static IEnumerable<Finding> OfRecord(SourceFile file, RecordDeclarationSyntax record)
    {
        var name = record.Identifier.ValueText;
        if (!record.Modifiers.Any(SyntaxKind.SealedKeyword))
            yield return file.Breach(record, $"record {name} not sealed", "sealed record: messages do not inherit");
        if (record.BaseList != null)
            yield return file.Breach(record, $"record {name} with a base", "no base and no interface");
        if (record.ParameterList is { Parameters.Count: > 0 })
        {
            yield return file.Breach(record, $"record {name} with positional members",
                "\"public required T Name { get; init; }\": a missing member then fails, an optional one can be added");
        }

        foreach (var member in record.Members.Where(m => !IsOfTheType(m)))
        {
            if (member is not PropertyDeclarationSyntax property)
            {
                var kind = member.Kind().ToString().Replace("Declaration", "").ToLowerInvariant();
                yield return file.Breach(member, $"a {kind} in message {name}",
                    "properties only: behaviour belongs in a static class beside it, or in the role");
            }
            else if (!IsInit(property))
                yield return file.Breach(property, $"{name}.{property.Identifier.ValueText}", "{ get; init; }");
        }
    }

    // A converter has to derive from its serializer's class; any other class here would be a message in disguise.
    static IEnumerable<Finding> OfClass(SourceFile file, ClassDeclarationSyntax plain)
    {
        if (plain.Modifiers.Any(SyntaxKind.StaticKeyword) || plain.Identifier.ValueText == SharedFunction)
            yield break;
        if (plain.BaseList == null || !plain.Modifiers.Any(SyntaxKind.SealedKeyword))
        {
            yield return file.Breach(plain, $"class {plain.Identifier.ValueText}",
                "a sealed record; a static class of constants or conversions; a sealed converter with a base class");
        }
    }

    static bool IsOfTheType(MemberDeclarationSyntax member) =>
        member.Modifiers.Any(SyntaxKind.StaticKeyword) || member.Modifiers.Any(SyntaxKind.ConstKeyword);

    static bool IsInit(PropertyDeclarationSyntax property) =>
        property.AttributeLists.ToString().Contains("JsonIgnore", StringComparison.Ordinal)
        || (property.AccessorList?.Accessors is { Count: 2 } accessors
            && accessors.Any(a => a.IsKind(SyntaxKind.InitAccessorDeclaration)));

    static bool HasSummary(SyntaxNode node) =>
        node.GetLeadingTrivia().Select(trivia => trivia.GetStructure()).OfType<DocumentationCommentTriviaSyntax>()
            .Any(comment => comment.ToString().Contains("<summary>", StringComparison.Ordinal));

    static string NameOf(MemberDeclarationSyntax node) =>
        (node as BaseTypeDeclarationSyntax)?.Identifier.ValueText
        ?? ((DelegateDeclarationSyntax)node).Identifier.ValueText;
}
