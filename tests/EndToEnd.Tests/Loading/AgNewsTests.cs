using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class AgNewsTests
{
    const string TwoRows =
        "\"3\",\"Fears\",\"Unions at Turner   Newall\"\n\"4\",\"The Race\",\"A second\\team for  #36;10 million\"\n";

    [Fact]
    public void PublishedRows_KeepTheirTextAsItStands()
    {
        var rows = RowInput.Read(TwoRows, "ag_news_test.csv");
        Assert.Equal("Fears Unions at Turner   Newall", rows[0].Point!.Text);
        Assert.Equal("The Race A second\\team for  #36;10 million", rows[1].Point!.Text);
        Assert.Equal([PointId.From(0), PointId.From(1)], rows.Select(row => row.Point!.Id));
        Assert.Equal("""{"class":"Business","title":"Fears"}""", rows[0].Point!.PayloadJson());
        Assert.Equal("""{"class":"Sci/Tech","title":"The Race"}""", rows[1].Point!.PayloadJson());
    }

    [Fact]
    public void RowWithWrongColumns_IsReportedAndKeepsItsNumber()
    {
        var rows = RowInput.Read("\"1\",\"a\",\"b\"\n\"2\",\"only two\"\n\"7\",\"c\",\"d\"\n\"4\",\"e\",\"f\"\n", "ag.csv");
        Assert.Contains("2 columns, AG News has 3", rows[1].Problem, StringComparison.Ordinal);
        Assert.Equal(2, rows[1].Line);
        Assert.Contains("its class is '7'", rows[2].Problem, StringComparison.Ordinal);
        Assert.Equal(PointId.From(3), rows[3].Point!.Id);
    }

    [Fact]
    public void FileThatIsCutOff_LosesItsLastRowOnly()
    {
        var rows = RowInput.Read(TwoRows[..^20], "ag.csv");
        Assert.Equal(2, rows.Count);
        Assert.NotNull(rows[0].Point);
        Assert.Contains("is the file cut off?", rows[1].Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void PublishedTestFile_HasItsRowsAndClasses()
    {
        var path = SharedFiles.Find("data/ag_news_test.csv");
        using var reader = RowReaders.Open(File.OpenRead(path), path, new RowFormatOptions());
        var rows = reader.ReadRows().ToList();
        Assert.Equal(7600, rows.Count);
        Assert.All(rows, row => Assert.Null(row.Problem));
        Assert.Equal(new FileInfo(path).Length, rows.Sum(row => row.Bytes));
        var classes = rows.CountBy(row => row.Point!.Payload!.Value.GetProperty("class").GetString()!).ToDictionary();
        Assert.Equal(["Business", "Sci/Tech", "Sports", "World"], classes.Keys.Order());
        Assert.All(classes.Values, count => Assert.Equal(1900, count));
    }
}
