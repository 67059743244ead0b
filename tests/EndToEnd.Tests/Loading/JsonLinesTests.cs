using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class JsonLinesTests
{
    [Fact]
    public void UsualProperties_MakeThePoint()
    {
        var rows = RowInput.Read("""
            {"id":5,"text":"a","payload":{"n":1.50,"deep":{"x":[1,"é"]}}}

            {"id":"5","vector":[1,2.5]}
            """, "rows.jsonl");
        Assert.Equal(PointId.From(5), rows[0].Point!.Id);
        Assert.Equal("""{"n":1.50,"deep":{"x":[1,"é"]}}""", rows[0].Point!.PayloadJson());
        Assert.Equal(PointId.FromText("5"), rows[1].Point!.Id);
        Assert.Equal([1f, 2.5f], rows[1].Point!.Vector!);
        Assert.Equal([1L, 3], rows.Select(row => row.Line));
    }

    [Fact]
    public void WithoutIds_TheRowNumberIsTheId()
    {
        var rows = RowInput.Read("{\"text\":\"a\"}\nbroken\n{\"text\":\"c\"}\n", "rows.jsonl");
        Assert.Equal(PointId.From(0), rows[0].Point!.Id);
        Assert.NotNull(rows[1].Problem);
        Assert.Equal(PointId.From(2), rows[2].Point!.Id);
    }

    [Fact]
    public void MissingIdAfterRowsWithIds_IsReported()
    {
        var rows = RowInput.Read("{\"id\":1,\"text\":\"a\"}\n{\"text\":\"b\"}\n", "rows.jsonl");
        Assert.Contains("no 'id'", rows[1].Problem, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\"id\":1,\"text\":", "not valid JSON")]
    [InlineData("[1]", "a JSON array, not an object")]
    [InlineData("{\"id\":-1,\"text\":\"a\"}", "its id is -1")]
    [InlineData("{\"id\":1.5,\"text\":\"a\"}", "its id is 1.5")]
    [InlineData("{\"id\":{},\"text\":\"a\"}", "its id is {}")]
    [InlineData("{\"id\":\"\",\"text\":\"a\"}", "must not be empty")]
    [InlineData("{\"id\":1}", "neither 'text' nor 'vector'")]
    [InlineData("{\"id\":1,\"vector\":[1,\"2\"]}", "number 1 of the vector is \"2\"")]
    [InlineData("{\"id\":1,\"vector\":7}", "not an array")]
    [InlineData("{\"id\":1,\"vector\":[1e39]}", "not finite")]
    [InlineData("{\"id\":1,\"text\":\"a\",\"payload\":7}", "payload that is a number")]
    [InlineData("{\"id\":1,\"text\":\"half \\ud800\"}", "not valid Unicode")]
    [InlineData("{\"id\":1,\"text\":\"a\",\"payload\":{\"x\":\"\\ud800\"}}", "not valid Unicode")]
    public void BadLine_IsReportedAndTheRestIsRead(string line, string problem)
    {
        var rows = RowInput.Read($"{{\"id\":8,\"text\":\"ok\"}}\n{line}\n{{\"id\":9,\"text\":\"ok\"}}\n", "rows.jsonl");
        Assert.Contains(problem, rows[1].Problem, StringComparison.Ordinal);
        Assert.Equal(2, rows[1].Line);
        Assert.Equal(PointId.From(9), rows[2].Point!.Id);
    }

    [Fact]
    public void NamedProperties_AreUsed()
    {
        const string line = "{\"key\":\"k\",\"title\":\"T\",\"body\":\"B\",\"lang\":\"en\",\"vector\":[1]}\n";
        var options = new RowFormatOptions { IdColumn = "key", TextColumns = ["title", "body"], PayloadColumns = "lang" };
        var point = Assert.Single(RowInput.Read(line, "rows.jsonl", options)).Point!;
        Assert.Equal(PointId.FromText("k"), point.Id);
        Assert.Equal("T B", point.Text);
        Assert.Null(point.Vector);
        Assert.Equal("""{"lang":"en"}""", point.PayloadJson());
        var all = Assert.Single(RowInput.Read(line, "rows.jsonl", options with { PayloadColumns = "all" })).Point!;
        Assert.Equal("""{"lang":"en"}""", all.PayloadJson());
    }

    [Fact]
    public void LineBeyondTheLimit_IsSkippedAndReadingGoesOn()
    {
        var rows = RowInput.Read($"{{\"text\":\"{new string('x', 17 << 20)}\"}}\n{{\"text\":\"b\"}}\n", "rows.jsonl");
        Assert.Contains("longer than 16 MiB", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal("b", rows[1].Point!.Text);
    }
}
