using System.Xml;
using System.Xml.Linq;

namespace VectorDb.Architecture.Tests.Rules;

/// <summary>Which project may reference which, and which package belongs to whom. Dependencies point one way.</summary>
public static class Dependencies
{
    /// <summary>Every project under src, with the projects that it may reference.</summary>
    static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Contracts"] = [],
        ["Engine"] = [],
        ["Embedding"] = [],
        ["ServiceDefaults"] = [],
        ["Ingest.Worker"] = ["Contracts", "ServiceDefaults", "Embedding"],
        ["Shard.Worker"] = ["Contracts", "ServiceDefaults", "Engine"],
        ["Query.Api"] = ["Contracts", "ServiceDefaults"],
        ["Server"] = ["Ingest.Worker", "Shard.Worker", "Query.Api"],
    };

    /// <summary>Packages, by how their names start, that only these projects under src may reference.</summary>
    static readonly (string Package, string[] Projects)[] Owners =
    [
        ("Microsoft.Data.Sqlite", ["Engine"]),
        ("Microsoft.ML.", ["Embedding"]),
        ("MassTransit", ["ServiceDefaults", "Ingest.Worker", "Shard.Worker", "Query.Api"]),
        ("RabbitMQ.Client", ["ServiceDefaults"]),
        ("OpenTelemetry", ["ServiceDefaults"]),
    ];

    static readonly string[] Pure = ["Contracts", "Engine", "Embedding"];

    public static IEnumerable<Finding> Of(string path, XDocument project)
    {
        var name = Path.GetFileNameWithoutExtension(path);
        if (!Allowed.TryGetValue(name, out var mayReference))
        {
            yield return new Finding(path, 1, $"a project {name}", $"{string.Join(", ", Allowed.Keys)}; "
                + "a new one needs a decision record and a row in this test's table");
            yield break;
        }

        foreach (var (reference, line) in Included(project, "ProjectReference"))
        {
            var target = Path.GetFileNameWithoutExtension(reference.Replace('\\', '/'));
            if (!mayReference.Contains(target))
                yield return new Finding(path, line, $"a reference to {target}", Listed(mayReference));
        }

        foreach (var finding in Packages(path, name, project))
            yield return finding;

        var sdk = (string?)project.Root?.Attribute("Sdk");
        if (Pure.Contains(name) && sdk != "Microsoft.NET.Sdk")
            yield return new Finding(path, 1, $"the SDK {sdk}", "Microsoft.NET.Sdk: no HTTP and no bus in a library");
    }

    static IEnumerable<Finding> Packages(string path, string name, XDocument project)
    {
        foreach (var (package, line) in Included(project, "PackageReference").Concat(Included(project, "Using")))
        {
            var owner = Owners.FirstOrDefault(o => package.StartsWith(o.Package, StringComparison.Ordinal));
            if (owner.Projects != null && !owner.Projects.Contains(name))
                yield return new Finding(path, line, package, $"only in {string.Join(", ", owner.Projects)}");
            if (name == "Contracts")
                yield return new Finding(path, line, package, "no package: records need none");
        }

        foreach (var (framework, line) in Included(project, "FrameworkReference"))
        {
            if (Pure.Contains(name))
                yield return new Finding(path, line, framework, "no framework reference in a library");
        }
    }

    static IEnumerable<(string Value, int Line)> Included(XDocument project, string element) =>
        from item in project.Descendants(element)
        let include = (string?)item.Attribute("Include")
        where include != null
        select (include, ((IXmlLineInfo)item).LineNumber);

    static string Listed(string[] names) =>
        names.Length == 0 ? "no project of ours" : string.Join(", ", names);
}
