using Xunit;

namespace VectorDb.Architecture.Tests;

/// <summary>One breach of a rule: where it is, what stands there, what may stand there.</summary>
/// <param name="Path">Relative to the repository, with forward slashes.</param>
/// <param name="Line">From 1; 0 when the whole file is meant.</param>
/// <param name="Found">What stands there.</param>
/// <param name="Allowed">What may stand there, or what to do.</param>
public sealed record Finding(string Path, int Line, string Found, string Allowed)
{
    public override string ToString() => $"{Path}:{Line}: found {Found}; allowed: {Allowed}";

    /// <summary>Fails the running test with every finding on a line of its own; passes when there is none.</summary>
    public static void AssertNone(IEnumerable<Finding> findings)
    {
        var lines = findings.Select(f => f.ToString()).Distinct().Order(StringComparer.Ordinal).ToList();
        if (lines.Count > 0)
            Assert.Fail($"{lines.Count} breach(es):\n{string.Join('\n', lines)}");
    }
}
