using System.IO.Compression;
using System.Text;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class RowReadersTests
{
    [Theory]
    [InlineData("\"1\",\"a\",\"b\"\n", "x", "AG News")]
    [InlineData("1,a,b\n", "x.csv", "AG News")]
    [InlineData("id,text\n1,a\n", "x.csv", "CSV")]
    [InlineData("  {\"text\":\"a\"}\n", "x", "JSON lines")]
    [InlineData("{\"text\":\"a\"}\n", "x.csv", "JSON lines")]
    [InlineData("id;text\n1;a\n", "x", "CSV with a header separated by ';'")]
    [InlineData("id\ttext\n1\ta, b, c\n", "x.tsv", "CSV with a header separated by tabs")]
    public void Content_TellsTheFormat(string text, string name, string expected) =>
        Assert.StartsWith(expected, RowInput.Describe(text, name), StringComparison.Ordinal);

    [Fact]
    public void FormatThatTheUserNames_Wins() =>
        Assert.StartsWith("CSV", RowInput.Describe("1,a,b\n2,c,d\n", "x.csv", new RowFormatOptions { Format = RowFormat.Csv }),
            StringComparison.Ordinal);

    [Theory]
    [InlineData("", "is empty")]
    [InlineData(" \r\n\n", "is empty")]
    [InlineData("\uFEFF", "is empty")]
    [InlineData("abc\0def", "byte 3 is 0")]
    [InlineData("[{\"text\":\"a\"}]", "jq -c")]
    public void UnreadableText_IsRefusedWithWhatToDo(string text, string message) =>
        Assert.Contains(message, Assert.Throws<CommandFailure>(() => RowInput.Read(text, "x")).Message, StringComparison.Ordinal);

    [Fact]
    public void CompressedFile_IsRefusedWithWhatToDo()
    {
        var bytes = new MemoryStream();
        using (var gzip = new GZipStream(bytes, CompressionMode.Compress, leaveOpen: true))
            gzip.Write("id,text\n1,a\n"u8);
        var failure = Assert.Throws<CommandFailure>(() => RowInput.Read(bytes.ToArray(), "x.csv.gz"));
        Assert.Contains("gunzip -c x.csv.gz", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Utf16File_IsRefusedWithWhatToDo()
    {
        byte[] bytes = [.. Encoding.Unicode.Preamble, .. Encoding.Unicode.GetBytes("id,text\n1,a\n")];
        Assert.Contains("iconv -f UTF-16", Assert.Throws<CommandFailure>(() => RowInput.Read(bytes)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void RandomBytes_EndInARefusalOrInBadRows()
    {
        const int seed = 7;
        var random = new Random(seed);
        for (var round = 0; round < 200; round++)
        {
            var bytes = new byte[random.Next(1, 3000)];
            random.NextBytes(bytes);
            if (round % 2 == 0)
                bytes = [.. bytes.Where(value => value != 0)];
            try
            {
                var rows = RowInput.Read(bytes, "x.bin");
                Assert.All(rows, row => Assert.True((row.Point is null) != (row.Problem is null), $"seed {seed}, round {round}"));
            }
            catch (CommandFailure refusal)
            {
                Assert.NotEmpty(refusal.Message);
            }
        }
    }
}
