using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>How message consumers and their definitions are declared.</summary>
public static class Consumers
{
    /// <summary>The messages of a class's IConsumer interfaces; a batch counts as its message.</summary>
    public static IEnumerable<string> MessagesOf(ClassDeclarationSyntax type) =>
        ArgumentsOf(type, "IConsumer").Select(MessageName);

    /// <summary>The consumer that a class defines the endpoint of; null when it is no definition.</summary>
    public static string? DefinedBy(ClassDeclarationSyntax type) =>
        ArgumentsOf(type, "ConsumerDefinition").Select(MessageName).FirstOrDefault();

    public static IEnumerable<Finding> Declared(SourceFile file) =>
        file.All<ClassDeclarationSyntax>().SelectMany(type => Declared(file, type));

    static IEnumerable<Finding> Declared(SourceFile file, ClassDeclarationSyntax type)
    {
        var name = type.Identifier.ValueText;
        var messages = MessagesOf(type).ToList();
        var isSealed = type.Modifiers.Any(SyntaxKind.SealedKeyword);
        if (messages.Count > 1)
            yield return file.Breach(type, $"{name} consumes {string.Join(", ", messages)}", "one message type");
        if (messages.Count > 0 && !isSealed)
            yield return file.Breach(type, $"consumer {name} not sealed", "sealed");
        if (messages.Count > 0 && name != messages[0] + "Consumer")
            yield return file.Breach(type, $"consumer {name} of {messages[0]}", $"the name {messages[0]}Consumer");

        var consumer = DefinedBy(type);
        if (consumer != null && name != consumer + "Definition")
            yield return file.Breach(type, $"definition {name} of {consumer}", $"the name {consumer}Definition");
    }

    static IEnumerable<TypeSyntax> ArgumentsOf(ClassDeclarationSyntax type, string generic) =>
        from declared in type.BaseList?.Types ?? []
        from name in declared.Type.DescendantNodesAndSelf().OfType<GenericNameSyntax>().Take(1)
        where name.Identifier.ValueText == generic
        select name.TypeArgumentList.Arguments[0];

    static string MessageName(TypeSyntax type) => type switch
    {
        GenericNameSyntax { Identifier.ValueText: "Batch" } batch => MessageName(batch.TypeArgumentList.Arguments[0]),
        GenericNameSyntax generic => MessageName(generic.TypeArgumentList.Arguments[0]) + generic.Identifier.ValueText,
        QualifiedNameSyntax qualified => MessageName(qualified.Right),
        _ => type.ToString(),
    };
}
