using System.Text.RegularExpressions;
using Microsoft.CodeAnalysis;
using Microsoft.CodeAnalysis.CSharp;
using Microsoft.CodeAnalysis.CSharp.Syntax;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>What each layer may speak of: the bus, HTTP, SQL, and its own namespace.</summary>
public static partial class Layers
{
    static readonly string[] WithBus =
        ["src/ServiceDefaults", "src/Ingest.Worker", "src/Shard.Worker", "src/Query.Api"];
    static readonly string[] Pure = ["src/Engine", "src/Embedding", "src/Contracts"];
    static readonly string[] Transport =
        ["HttpContext", "HttpRequest", "HttpResponse", "AspNetCore", "ConsumeContext", "IConsumer", "IBus", "RabbitMQ"];

    /// <summary>Namespaces that do not follow from the project's name.</summary>
    static readonly Dictionary<string, string> Namespaces = new()
    {
        ["src/Ingest.Worker"] = "VectorDb.IngestWorker",
        ["src/Shard.Worker"] = "VectorDb.ShardWorker",
        ["src/Query.Api"] = "VectorDb.QueryApi",
        ["benchmarks/VectorDb.Benchmarks"] = "VectorDb.Benchmarks",
    };

    /// <summary>MassTransit appears only in the roles and in ServiceDefaults.</summary>
    public static IEnumerable<Finding> Bus(SourceFile file) =>
        !file.IsSource || WithBus.Contains(file.Project)
            ? []
            : Named(file, ["MassTransit"], "MassTransit only in the roles and ServiceDefaults");

    /// <summary>Neither HTTP nor the bus in Engine, Embedding and Contracts.</summary>
    public static IEnumerable<Finding> TransportInLibraries(SourceFile file) =>
        Pure.Contains(file.Project)
            ? Named(file, Transport, "no HTTP and no bus here: pass plain values from the role")
            : [];

    /// <summary>SQL, as text or through the driver, only under src/Engine/Storage.</summary>
    public static IEnumerable<Finding> Sql(SourceFile file)
    {
        const string home = "src/Engine/Storage/";
        if (!file.IsSource || file.Path.StartsWith(home, StringComparison.Ordinal))
            return [];

        var statements =
            from token in file.Root.DescendantTokens()
            where IsText(token) && SqlStatement().IsMatch(token.Text)
            let statement = SqlStatement().Match(token.Text).Value
            select file.Breach(token.Parent!, $"SQL \"{statement}\"", $"SQL only in {home}");
        var types =
            from name in file.All<SimpleNameSyntax>()
            where name.Identifier.ValueText.StartsWith("Sqlite", StringComparison.Ordinal)
            where name.Identifier.ValueText is not "SqliteStore"
            select file.Breach(name, name.Identifier.ValueText, $"the SQLite driver only in {home}");
        return statements.Concat(types);
    }

    /// <summary>A file declares its types in its project's namespace or one below it.</summary>
    public static IEnumerable<Finding> Namespace(SourceFile file)
    {
        var expected = Namespaces.GetValueOrDefault(file.Project, "VectorDb." + file.Project.Split('/')[^1]);
        foreach (var declared in file.All<BaseNamespaceDeclarationSyntax>())
        {
            var name = declared.Name.ToString();
            if (name != expected && !name.StartsWith(expected + ".", StringComparison.Ordinal))
                yield return file.Breach(declared, $"namespace {name}", $"{expected} or one below it");
        }

        var loose = file.Root.Members.OfType<BaseTypeDeclarationSyntax>()
            .Where(type => !type.Modifiers.Any(SyntaxKind.PartialKeyword));
        foreach (var type in loose)
            yield return file.Breach(type, $"{type.Identifier.ValueText} in no namespace", $"namespace {expected}");
    }

    static IEnumerable<Finding> Named(SourceFile file, string[] forbidden, string allowed) =>
        from name in file.All<SimpleNameSyntax>()
        where forbidden.Contains(name.Identifier.ValueText)
        select file.Breach(name, name.Identifier.ValueText, allowed);

    static bool IsText(SyntaxToken token) =>
        token.RawKind is (int)SyntaxKind.StringLiteralToken or (int)SyntaxKind.InterpolatedStringTextToken
            or (int)SyntaxKind.SingleLineRawStringLiteralToken or (int)SyntaxKind.MultiLineRawStringLiteralToken
            or (int)SyntaxKind.Utf8StringLiteralToken;

    [GeneratedRegex(@"\b(SELECT\s[\s\S]+\sFROM|INSERT\s(OR\s\w+\s)?INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM|PRAGMA\s+\w+"
        + @"|CREATE\s+(UNIQUE\s+)?(TABLE|INDEX)|DROP\s+(TABLE|INDEX)|ALTER\s+TABLE|BEGIN\s+IMMEDIATE)\b")]
    private static partial Regex SqlStatement();
}
