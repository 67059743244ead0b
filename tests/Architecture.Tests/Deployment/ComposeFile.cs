using System.Text.RegularExpressions;
using YamlDotNet.Core;
using YamlDotNet.Serialization;

namespace VectorDb.Architecture.Tests.Deployment;

/// <summary>docker-compose.yml with its merge keys resolved and its variables replaced by their defaults.</summary>
static partial class ComposeFile
{
    public static string Text { get; } = File.ReadAllText(Repository.FullPath("docker-compose.yml"));

    /// <summary>Each service by its name.</summary>
    public static Dictionary<string, Node> Services { get; } = Read().At("services").Children();

    public static Node Read()
    {
        var text = Variable().Replace(Text, match => match.Groups["default"].Value);
        var parser = new MergingParser(new Parser(new StringReader(text)));
        return new(new DeserializerBuilder().Build().Deserialize<object>(parser));
    }

    [GeneratedRegex(@"\$\{(?<name>\w+)(:-(?<default>[^}]*))?\}")]
    public static partial Regex Variable();
}

/// <summary>A part of a YAML document.</summary>
sealed record Node(object? Value)
{
    /// <summary>The part at a path of names, separated by slashes; its value is null where there is none.</summary>
    public Node At(string path) => path.Split('/').Aggregate(this, (node, name) =>
        new(node.Value is Dictionary<object, object?> map && map.TryGetValue(name, out var value) ? value : null));

    public Dictionary<string, Node> Children() =>
        ((Dictionary<object, object?>?)Value ?? []).ToDictionary(pair => (string)pair.Key, pair => new Node(pair.Value));

    public IReadOnlyList<string> Items() => [.. ((List<object>?)Value ?? []).Select(item => $"{item}")];

    public override string ToString() => $"{Value}";
}
