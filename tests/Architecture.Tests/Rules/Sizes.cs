using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>
/// The size norms. The numbers are conventions, set beside what well-kept projects of this kind have (method length at
/// median/p90/p99: MassTransit 6/16/46, jvector 5/22/69); the aim is well below each of them.
/// </summary>
public static class Sizes
{
    public const int FileLines = 400;
    public const int ProgramLines = 40;
    public const int LineLength = 140;
    public const int MethodLines = 70;
    public const int MethodLinesAtP90 = 30;
    public const int PolicyLines = 30;
    public const int ConsumerLines = 50;
    public const int Nesting = 4;
    public const int Parameters = 6;
    public const int RecordParameters = 8;
    public const int Projects = 9;

    public static IEnumerable<Finding> OfFile(SourceFile file)
    {
        var isProgram = file.IsSource && file.Path.EndsWith("/Program.cs", StringComparison.Ordinal);
        var allowed = isProgram ? ProgramLines : FileLines;
        var lines = file.Lines.Count - (file.Lines[^1].Length == 0 ? 1 : 0);
        if (lines > allowed)
            yield return new Finding(file.Path, allowed + 1, $"{lines} lines", $"{allowed} lines in a file");
    }

    public static IEnumerable<Finding> OfLines(SourceFile file) =>
        file.Lines.Index()
            .Where(line => line.Item.Length > LineLength)
            .Select(line => new Finding(
                file.Path, line.Index + 1, $"{line.Item.Length} characters", $"{LineLength} in a line (aim: 120)"));

    public static IEnumerable<Finding> OfMethods(SourceFile file) =>
        Methods.Of(file)
            .Where(method => method.Length > MethodLines)
            .Select(method => file.Breach(
                method.Node, $"{method.Name} with {method.Length} lines", $"{MethodLines} lines in a method"));

    /// <summary>Nine methods of ten must be short, whatever the longest is.</summary>
    public static IEnumerable<Finding> OfNinetiethPercentile(IEnumerable<SourceFile> files)
    {
        var methods = files.SelectMany(file => Methods.Of(file).Select(method => (file, method)))
            .OrderBy(pair => pair.method.Length).ToList();
        if (methods.Count == 0)
            yield break;

        var (at, limit) = methods[(int)Math.Ceiling(methods.Count * 0.9) - 1];
        if (limit.Length > MethodLinesAtP90)
        {
            yield return at.Breach(
                limit.Node, $"the 90th percentile of {methods.Count} methods at {limit.Length} lines",
                $"{MethodLinesAtP90} lines: split the longest methods");
        }
    }

    public static IEnumerable<Finding> OfNesting(SourceFile file) =>
        from method in Methods.Of(file)
        let depth = Methods.Nesting(method.Node)
        where depth > Nesting
        select file.Breach(method.Node, $"{method.Name} nested {depth} deep", $"{Nesting} levels (aim: 2)");

    public static IEnumerable<Finding> OfParameters(SourceFile file) =>
        from list in file.All<ParameterListSyntax>()
        let owner = list.Parent!
        where owner is not AnonymousFunctionExpressionSyntax
        let limit = owner is RecordDeclarationSyntax ? RecordParameters : Parameters
        where list.Parameters.Count > limit
        select file.Breach(
            list, $"{list.Parameters.Count} parameters of a {owner.Kind()}", $"{limit}: gather them in a record");

    public static IEnumerable<Finding> OfConsumers(SourceFile file) =>
        from type in file.All<ClassDeclarationSyntax>()
        where Consumers.MessagesOf(type).Any()
        let lines = SourceFile.LastLine(type) - SourceFile.FirstLine(type) + 1
        where lines > ConsumerLines
        select file.Breach(type, $"consumer {type.Identifier.ValueText} with {lines} lines",
            $"{ConsumerLines} lines (aim: 10-30): check, call, send or respond");

    /// <summary>Definitions hold queue policy, which is read far more often than it changes.</summary>
    public static IEnumerable<Finding> OfDefinitions(SourceFile file) =>
        from method in Methods.Of(file)
        let type = method.Node.FirstAncestorOrSelf<ClassDeclarationSyntax>()
        where type != null && (type.Identifier.ValueText == "EndpointPolicy" || Consumers.DefinedBy(type) != null)
        where method.Length > PolicyLines
        select file.Breach(
            method.Node, $"policy method {method.Name} with {method.Length} lines", $"{PolicyLines} lines (aim: 20)");
}
