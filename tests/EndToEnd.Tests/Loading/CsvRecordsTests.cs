using System.Text;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class CsvRecordsTests
{
    [Theory]
    [InlineData("a,b\nc,d\n", "a|b", "c|d")]
    [InlineData("a,b\r\nc,d", "a|b", "c|d")]
    [InlineData("\"a\",\"b\"\r\n", "a|b")]
    [InlineData("\"a,1\",b\n", "a,1|b")]
    [InlineData("\"line 1\nline 2\",b\n", "line 1\nline 2|b")]
    [InlineData("\"say \"\"hi\"\"\",\"\"\"\"\n", "say \"hi\"|\"")]
    [InlineData("5\" nail,b\n", "5\" nail|b")]
    [InlineData("a,,\n,,", "a||", "||")]
    [InlineData("\n\r\n\na\n\r\n", "a")]
    [InlineData("\"\",\"\"", "|")]
    [InlineData("back\\slash,#36;10\n", "back\\slash|#36;10")]
    [InlineData("héé,日本\n", "héé|日本")]
    [InlineData("a\rb,c\n", "a\rb|c")]
    [InlineData("\"a\"\r", "a")]
    public void WellFormedText_GivesItsRecords(string text, params string[] expected)
    {
        foreach (var bytesAtATime in new[] { 1, 2, 3, 1000 })
            Assert.Equal(expected, ReadAll(text, bytesAtATime));
    }

    [Fact]
    public void RandomRecords_AreReadAsTheyWereWritten()
    {
        const int seed = 20261123;
        var random = new Random(seed);
        string[] pieces = ["a", "é", "日", "\"", ",", "\n", "\r\n", " ", "\\", "", "long text ", "\t"];
        for (var round = 0; round < 300; round++)
        {
            var records = Enumerable.Range(0, random.Next(1, 12)).Select(_ => Enumerable.Range(0, random.Next(2, 6))
                .Select(_ => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => pieces[random.Next(pieces.Length)])))
                .ToArray()).ToList();
            var text = string.Concat(records.Select(record => string.Join(',', record.Select(Quote)) + "\r\n"));
            var read = ReadAll(text, random.Next(1, 50));
            var written = records.Select(record => string.Join('|', record));
            Assert.True(written.SequenceEqual(read), $"seed {seed}, round {round}: {text}");
        }
    }

    [Fact]
    public void TextAfterClosingQuote_CostsThatLineOnly()
    {
        var records = ReadWithLines("a,b\n\"3\",\"the \"best\" one\"\nc,d\n");
        Assert.Equal((1, "a|b"), records[0]);
        Assert.Equal(2, records[1].Line);
        Assert.Contains("text after the closing quote of field 2", records[1].Text, StringComparison.Ordinal);
        Assert.Equal((3, "c|d"), records[2]);
    }

    [Fact]
    public void QuoteThatIsNeverClosed_CostsThatLineOnly()
    {
        var records = ReadWithLines("a,\"b\nc,d\ne,f");
        Assert.Equal(3, records.Count);
        Assert.Equal(1, records[0].Line);
        Assert.Contains("never closed", records[0].Text, StringComparison.Ordinal);
        Assert.Equal([(2, "c|d"), (3, "e|f")], records[1..]);
    }

    [Fact]
    public void QuoteThatIsNeverClosed_DoesNotSwallowRowsThatAreQuoted()
    {
        var records = ReadWithLines("\"1\",\"one\n\"2\",\"two\"\n\"3\",\"three\"\n");
        Assert.Equal([(2, "2|two"), (3, "3|three")], records[1..]);
    }

    [Fact]
    public void LineNumbers_CountLinesInsideQuotes()
    {
        var records = ReadWithLines("\"a\nb\nc\",1\nd,2\n\n\"e\nf\",3\ng,4\n");
        Assert.Equal([1L, 4, 6, 8], records.Select(record => record.Line));
    }

    [Fact]
    public void FieldOfFiveMegabytes_IsReadWhole()
    {
        var field = new string('x', 5_000_000);
        var records = ReadAll($"1,\"{field}\"\n2,b\n", 65_536);
        Assert.Equal(["1|" + field, "2|b"], records);
    }

    [Fact]
    public void RecordBeyondTheLimit_IsSkippedAndReadingGoesOn()
    {
        var text = $"1,{new string('x', CsvRecords.RecordBytesMax + 200_000)}\n2,b\n";
        var records = ReadWithLines(text);
        Assert.Contains("longer than 16 MiB", records[0].Text, StringComparison.Ordinal);
        Assert.Equal([(2, "2|b")], records[1..]);
    }

    static string Quote(string field) => $"\"{field.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    static List<string> ReadAll(string text, int bytesAtATime)
    {
        using var window = new ByteWindow(new Trickle(Encoding.UTF8.GetBytes(text), bytesAtATime));
        var records = new CsvRecords(window, ',');
        var read = new List<string>();
        while (records.Next())
        {
            Assert.Null(records.Problem);
            read.Add(string.Join('|', records.ToArray()));
        }

        return read;
    }

    static List<(long Line, string Text)> ReadWithLines(string text)
    {
        using var window = new ByteWindow(new MemoryStream(Encoding.UTF8.GetBytes(text)));
        var records = new CsvRecords(window, ',');
        var read = new List<(long, string)>();
        while (records.Next())
            read.Add((records.Line, records.Problem ?? string.Join('|', records.ToArray())));
        return read;
    }
}
