using Microsoft.CodeAnalysis;
using VectorDb.Architecture.Tests.Rules;
using Xunit;

namespace VectorDb.Architecture.Tests;

public sealed class TextTests
{
    [Fact]
    public void Texts_AreTidy() =>
        Finding.AssertNone(Repository.Files.Concat(Repository.Sources.Select(file => file.Path)).Where(Texts.IsText)
            .SelectMany(path => Texts.Of(path, File.ReadAllText(Repository.FullPath(path)))));

    [Fact]
    public void CommittedFiles_AreSmall() =>
        Finding.AssertNone(Repository.Files
            .SelectMany(path => Texts.OfSize(path, new FileInfo(Repository.FullPath(path)).Length)));

    /// <summary>Every other rule is blind in a file that the parser does not understand.</summary>
    [Fact]
    public void Sources_Parse()
    {
        Assert.NotEmpty(Repository.Sources);
        Finding.AssertNone(
            from file in Repository.Sources
            from error in file.Root.GetDiagnostics()
            where error.Severity == DiagnosticSeverity.Error
            select new Finding(file.Path, error.Location.GetLineSpan().StartLinePosition.Line + 1,
                error.GetMessage(), "syntax that the Roslyn package of these tests knows"));
    }

    [Fact]
    public void DecisionRecords_HaveTheFourHeadings()
    {
        var records = Repository.Files
            .Where(path => path.StartsWith(Decisions.Folder, StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(records);
        Finding.AssertNone(Decisions.Numbers(records)
            .Concat(records.SelectMany(path => Decisions.Of(path, File.ReadAllText(Repository.FullPath(path))))));
    }

    [Theory]
    [InlineData("src/X.cs", "int a; ")]
    [InlineData("README.md", "A line\t")]
    [InlineData("test.sh", "cd /" + "work/there")]
    [InlineData("docs/a.md", "see `/home" + "/me/there`")]
    [InlineData("src/X.cs", "// TO" + "DO: later")]
    [InlineData("vectordb", "# FIX" + "ME")]
    [InlineData("src/X.cs", "    #" + "region Fields")]
    public void UntidyText_IsFoundOnItsLine(string path, string line) =>
        Assert.Equal(2, Assert.Single(Texts.Of(path, $"first\n{line}\nlast")).Line);

    [Theory]
    [InlineData("src/X.cs", "var url = \"http://host/work/there\"; // a network of todos")]
    [InlineData("docs/a.md", "A page may say TO" + "DO when it explains the rule.")]
    public void TidyText_IsAllowed(string path, string line) => Assert.Empty(Texts.Of(path, line));

    [Theory]
    [InlineData("data.bin", 1_000_001, 1)]
    [InlineData("data.bin", 1_000_000, 0)]
    [InlineData("models/a/model.onnx", 50_000_000, 0)]
    public void LargeFile_IsFound(string path, long bytes, int findings) =>
        Assert.Equal(findings, Texts.OfSize(path, bytes).Count());

    [Theory]
    [InlineData("0001-one.md", "", 0)]
    [InlineData("one.md", "", 1)]
    [InlineData("0001-one.md", "## Consequences\n", 1)]
    public void DecisionRecordOfAnotherForm_IsFound(string name, string tail, int findings)
    {
        var text = "# One\n\n## Context\n\n## Decision\n\n## Rejected\n\n"
            + "## How we would notice that it was wrong\n" + tail;
        Assert.Equal(findings, Decisions.Of(Decisions.Folder + name, text).Count());
    }

    [Fact]
    public void DecisionNumberUsedTwice_IsFound() =>
        Assert.Equal(2, Decisions.Numbers(["docs/decisions/0001-a.md", "docs/decisions/0001-b.md"]).Count());
}
