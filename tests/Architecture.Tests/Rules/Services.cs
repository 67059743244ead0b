using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>Classes that the container makes: what they ask for, and the state that belongs in them.</summary>
public static partial class Services
{
    public const int Dependencies = 5;

    static readonly string[] MadeByTheHost =
        ["IConsumer", "IHostedService", "BackgroundService", "IHealthCheck", "IMiddleware"];

    /// <summary>Needs all files at once: a class is often registered in another file than its own.</summary>
    public static IEnumerable<Finding> Constructors(IReadOnlyList<SourceFile> files)
    {
        var registered = files.SelectMany(Registered).ToHashSet();
        return from file in files
               from type in file.All<ClassDeclarationSyntax>()
               where registered.Contains(type.Identifier.ValueText) || IsMadeByTheHost(type)
               from list in ConstructorsOf(type)
               where list.Parameters.Count > Dependencies
               select file.Breach(list,
                   $"service {type.Identifier.ValueText} with {list.Parameters.Count} constructor dependencies",
                   $"{Dependencies}: the class does more than one thing");
    }

    /// <summary>State shared by the whole process outlives tests and hosts: no field of a type may change.</summary>
    public static IEnumerable<Finding> StaticState(SourceFile file)
    {
        const string allowed = "static readonly or const; state lives in a singleton that the container disposes";
        var fields =
            from field in file.All<FieldDeclarationSyntax>()
            where field.Modifiers.Any(SyntaxKind.StaticKeyword)
            let fixedOnce = field.Modifiers.Any(SyntaxKind.ReadOnlyKeyword)
            let type = field.Declaration.Type.ToString()
            where !fixedOnce || type.Contains("Concurrent", StringComparison.Ordinal)
            where !field.AttributeLists.ToString().Contains("ThreadStatic", StringComparison.Ordinal)
            select file.Breach(field, $"static state {field.Declaration}", allowed);
        var properties =
            from property in file.All<PropertyDeclarationSyntax>()
            where property.Modifiers.Any(SyntaxKind.StaticKeyword)
            where property.AccessorList?.Accessors.Any(a => a.IsKind(SyntaxKind.SetAccessorDeclaration)) == true
            select file.Breach(property, $"static state {property.Identifier.ValueText}", allowed);
        return fields.Concat(properties);
    }

    // The last type argument is the implementation: AddSingleton<IEmbedder, OnnxEmbedder>(), AddHostedService<Loader>().
    static IEnumerable<string> Registered(SourceFile file)
    {
        foreach (var call in file.All<InvocationExpressionSyntax>())
        {
            var name = (call.Expression as MemberAccessExpressionSyntax)?.Name;
            var method = name?.Identifier.ValueText ?? "";
            if (!Registers().IsMatch(method))
                continue;

            if (name is GenericNameSyntax generic)
                yield return LastName(generic.TypeArgumentList.Arguments[^1]);

            foreach (var argument in call.ArgumentList.Arguments)
            {
                if ((argument.Expression as LambdaExpressionSyntax)?.ExpressionBody is ObjectCreationExpressionSyntax creation)
                    yield return LastName(creation.Type);
            }
        }
    }

    // Of "Name.Space.Type" and of "Type<Argument>" alike: the type's own name.
    static string LastName(TypeSyntax type) =>
        type.DescendantNodesAndSelf(node => node is not TypeArgumentListSyntax).OfType<SimpleNameSyntax>()
            .LastOrDefault()?.Identifier.ValueText ?? type.ToString();

    static bool IsMadeByTheHost(ClassDeclarationSyntax type) =>
        type.BaseList?.Types.Any(t => MadeByTheHost.Contains(t.Type.GetFirstToken().ValueText)) == true;

    static IEnumerable<ParameterListSyntax> ConstructorsOf(ClassDeclarationSyntax type)
    {
        var declared = type.Members.OfType<ConstructorDeclarationSyntax>().Select(c => c.ParameterList);
        return type.ParameterList == null ? declared : declared.Append(type.ParameterList);
    }

    [GeneratedRegex("^(Try)?Add[A-Z]")]
    private static partial Regex Registers();
}
