using Xunit;

namespace VectorDb.Architecture.Tests.Deployment;

/// <summary>Settings that a deployment may give.</summary>
static class Settings
{
    const string Prefix = "VectorDb__";

    static readonly Lazy<HashSet<string>> Ours = new(() => [.. Repository.Sources
        .Single(file => file.Path == "src/ServiceDefaults/VectorDbOptions.cs").Root.DescendantNodes()
        .OfType<Microsoft.CodeAnalysis.CSharp.Syntax.PropertyDeclarationSyntax>().Select(property => property.Identifier.Text)]);

    /// <summary>A name that the code does not read would be a setting without effect.</summary>
    public static void AssertKnown(string name)
    {
        if (name.StartsWith(Prefix, StringComparison.Ordinal))
            Assert.Contains(name[Prefix.Length..], Ours.Value);
    }
}
