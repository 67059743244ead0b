using System.Text;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class HeadedCsvTests
{
    [Fact]
    public void UsualNames_AreFoundAndToldOf()
    {
        const string text = "id,part_of_speech,words,gloss\nn1,noun,entity,what exists\n";
        Assert.Equal("CSV with a header: text is 'gloss', id is 'id', payload is 'part_of_speech' + 'words'", RowInput.Describe(text));
        var point = Assert.Single(RowInput.Read(text)).Point!;
        Assert.Equal(PointId.FromText("n1"), point.Id);
        Assert.Equal("what exists", point.Text);
        Assert.Equal("""{"part_of_speech":"noun","words":"entity"}""", point.PayloadJson());
    }

    [Fact]
    public void WithoutUsualNames_TheLongestColumnIsTheText()
    {
        const string text = "sku,remark\n1,a fine chair of oak\n2,a lamp\n";
        Assert.Equal("CSV with a header: text is 'remark', id is the row number, payload is 'sku'", RowInput.Describe(text));
    }

    [Fact]
    public void NamedColumns_AreJoinedByASpace()
    {
        var options = new RowFormatOptions { IdColumn = "sku", TextColumns = ["name", "about"], PayloadColumns = "price" };
        var point = Assert.Single(RowInput.Read("sku,name,about,price\nA-1,Chair,of oak,9\n", options: options)).Point!;
        Assert.Equal(PointId.FromText("A-1"), point.Id);
        Assert.Equal("Chair of oak", point.Text);
        Assert.Equal("""{"price":"9"}""", point.PayloadJson());
    }

    [Fact]
    public void UnknownColumn_IsRefusedWithTheNamesThatExist()
    {
        var failure = Assert.Throws<CommandFailure>(() =>
            RowInput.Read("a,b\n1,2\n", options: new RowFormatOptions { TextColumns = ["c"] }));
        Assert.Contains("no column 'c'", failure.Message, StringComparison.Ordinal);
        Assert.Contains("a, b", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ColumnNamedTwice_IsRefused()
    {
        var failure = Assert.Throws<CommandFailure>(() => RowInput.Read("a,b,a\n1,2,3\n"));
        Assert.Contains("'a' twice", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void DigitsWithoutLeadingZero_AreNumbers()
    {
        var rows = RowInput.Read("id,text\n5,a\n007,b\n18446744073709551615,c\n18446744073709551616,d\n0,e\n");
        Assert.Equal(
            [PointIdKind.Number, PointIdKind.String, PointIdKind.Number, PointIdKind.String, PointIdKind.Number],
            rows.Select(row => row.Point!.Id.Kind));
        var strings = RowInput.Read("id,text\n5,a\n", options: new RowFormatOptions { StringIds = true });
        Assert.Equal(PointId.FromText("5"), strings[0].Point!.Id);
    }

    [Fact]
    public void BadRows_AreReportedByLineAndTheRestIsRead()
    {
        var rows = RowInput.Read("id,text\n1,good\n2\n3,\n,no id\n5,\"two\nlines\"\n6,last\n");
        Assert.Equal([2L, 3, 4, 5, 6, 8], rows.Select(row => row.Line));
        Assert.Equal([0L, 1, 2, 3, 4, 5], rows.Select(row => row.Number));
        Assert.Contains("1 column, the header has 2", rows[1].Problem, StringComparison.Ordinal);
        Assert.Contains("empty text", rows[2].Problem, StringComparison.Ordinal);
        Assert.Contains("id must not be empty", rows[3].Problem, StringComparison.Ordinal);
        Assert.Equal("two\nlines", rows[4].Point!.Text);
        Assert.Equal("last", rows[5].Point!.Text);
    }

    [Theory]
    [InlineData("id,vector\n1,\"[0.5, -1e-3]\"\n")]
    [InlineData("id;embedding\n1;0.5 -0.001\n")]
    [InlineData("id\tvector\n1\t0.5,-0.001\n")]
    public void Vectors_AreReadInTheUsualSpellings(string text) =>
        Assert.Equal([0.5f, -0.001f], Assert.Single(RowInput.Read(text)).Point!.Vector!);

    [Theory]
    [InlineData("0.5 x", "number 1 of the vector is 'x'")]
    [InlineData("NaN 1", "vector[0] that is not finite")]
    [InlineData("1 1e39", "vector[1] that is not finite")]
    [InlineData("", "empty vector")]
    public void BadVector_IsReported(string vector, string problem) =>
        Assert.Contains(problem, Assert.Single(RowInput.Read($"id,vector\n1,{vector}\n")).Problem, StringComparison.Ordinal);

    [Fact]
    public void TextBesideAVector_IsKept()
    {
        var point = Assert.Single(RowInput.Read("id,text,vector\n1,hello,1 2\n")).Point!;
        Assert.Equal("hello", point.Text);
        Assert.Equal([1f, 2f], point.Vector!);
    }

    [Fact]
    public void FieldOfFiveMegabytes_IsLeftOutAndTheRestIsRead()
    {
        var rows = RowInput.Read($"id,text\n1,{new string('x', 5_000_000)}\n2,b\n");
        Assert.Contains("a text of 5000000 bytes", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal("b", rows[1].Point!.Text);
    }

    [Fact]
    public void BytesThatAreNotUtf8_AreLeftOutAndTheRestIsRead()
    {
        byte[] bytes = [.. "id,text\n1,caf"u8, 0xE9, .. "\n2,ok\n"u8];
        var rows = RowInput.Read(bytes);
        Assert.Contains("not valid UTF-8", rows[0].Problem, StringComparison.Ordinal);
        Assert.Equal("ok", rows[1].Point!.Text);
    }

    [Fact]
    public void ByteOrderMark_IsNoPartOfTheFirstColumn()
    {
        byte[] bytes = [.. Encoding.UTF8.Preamble, .. "id,text\nx,y\n"u8];
        Assert.Equal(PointId.FromText("x"), Assert.Single(RowInput.Read(bytes)).Point!.Id);
    }

    [Fact]
    public void DictionarySample_IsTenThousandGoodRows()
    {
        var path = SharedFiles.OfRepository("samples/wordnet_10k.csv");
        using var reader = RowReaders.Open(File.OpenRead(path), path, new RowFormatOptions());
        var rows = reader.ReadRows().ToList();
        Assert.Equal(10_000, rows.Select(row => row.Point!.Id).Distinct().Count());
        Assert.Contains("gloss", reader.Description, StringComparison.Ordinal);
        var words = rows.SelectMany(row => PayloadOf(row, "words").ToLowerInvariant().Split(", ")).ToHashSet();
        var asked = RowInput.Read(File.ReadAllText(SharedFiles.OfRepository("samples/questions.csv")));
        Assert.All(asked, row => Assert.Contains(PayloadOf(row, "word"), words));
    }

    static string PayloadOf(LoadedRow row, string name) => row.Point!.Payload!.Value.GetProperty(name).GetString()!;
}
