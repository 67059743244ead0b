using System.Text;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Loading;

public sealed class TrainingSampleTests
{
    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public void TenthOfTheRows_IsSpreadOverTheWholeInput()
    {
        var (sample, rows) = TrainingSample.Spread(() => Open(2000), long.MaxValue, null, Stop);
        Assert.Equal(2000, rows);
        Assert.Equal(Enumerable.Range(0, 200).Select(i => PointId.From((ulong)i * 10)), sample.Select(point => point.Id));
    }

    [Theory]
    [InlineData(7, 7)]
    [InlineData(100, 100)]
    [InlineData(5000, 1000)]
    public void NumberThatIsWanted_IsTakenWhereThereAreSoMany(int wanted, int expected)
    {
        var (sample, _) = TrainingSample.Spread(() => Open(1000), long.MaxValue, wanted, Stop);
        Assert.Equal(expected, sample.Count);
        Assert.Equal(expected, sample.Select(point => point.Id).Distinct().Count());
    }

    [Fact]
    public void LimitAndBadRows_AreLeftOut()
    {
        var (sample, rows) = TrainingSample.Spread(() => Open(100, badRow: 3), 50, 1000, Stop);
        Assert.Equal(49, rows);
        Assert.DoesNotContain(sample, point => point.Id == PointId.From(3) || point.Id.AsNumber() >= 50);
    }

    static IRowReader Open(int rows, int badRow = -1)
    {
        var text = "id,text\n" + string.Concat(Enumerable.Range(0, rows).Select(i => i == badRow ? "bad\n" : $"{i},text {i}\n"));
        return RowReaders.Open(new MemoryStream(Encoding.UTF8.GetBytes(text)), "rows.csv", new RowFormatOptions());
    }
}
