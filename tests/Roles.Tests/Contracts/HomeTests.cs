using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class HomeTests
{
    static readonly int[] ShardCounts = [1, 2, 3, 4, 7, 16, 100, 1024];

    /// <summary>
    /// Computed by a program of its own in another language. Directories on disk depend on these: they may never change.
    /// </summary>
    [Theory]
    [InlineData("number 0", new[] { 0, 1, 2, 2, 6, 14, 14, 785 })]
    [InlineData("number 1", new[] { 0, 1, 1, 1, 5, 5, 99, 757 })]
    [InlineData("number 42", new[] { 0, 1, 2, 2, 2, 14, 41, 881 })]
    [InlineData("number 18446744073709551615", new[] { 0, 1, 2, 2, 2, 15, 46, 918 })]
    [InlineData("text 550e8400-e29b-41d4-a716-446655440000", new[] { 0, 1, 1, 3, 5, 8, 75, 822 })]
    [InlineData("text 5", new[] { 0, 1, 1, 3, 3, 3, 50, 608 })]
    [InlineData("text hello", new[] { 0, 1, 2, 2, 2, 7, 7, 7 })]
    [InlineData("text größe", new[] { 0, 0, 2, 2, 5, 11, 56, 891 })]
    public void Homes_NeverChange(string id, int[] homes)
    {
        var (kind, value) = (id.Split(' ')[0], id.Split(' ')[1]);
        var key = (kind == "number" ? PointId.FromPath(value) : PointId.FromText(value)).ToKey();
        Assert.Equal(homes, ShardCounts.Select(count => Home.Of(key, count)));
    }

    [Fact]
    public void HomesOfTheFirstNumbers_NeverChange() => Assert.Equal(
        "2102110010200330222003010210221212302201212123102233203033312221",
        string.Concat(Enumerable.Range(0, 64).Select(n => Home.Of(Wire.Id((ulong)n), 4))));

    [Theory]
    [InlineData(2)]
    [InlineData(4)]
    [InlineData(10)]
    public void Ids_SpreadEvenly(int shardCount)
    {
        const int ids = 20_000;
        var counts = new int[shardCount];
        for (var i = 0; i < ids; i++)
            counts[Home.Of(Wire.Id((ulong)i), shardCount)]++;
        // Five standard deviations of a binomial distribution.
        var share = 1.0 / shardCount;
        var slack = 5 * Math.Sqrt(ids * share * (1 - share));
        Assert.All(counts, count => Assert.InRange(count, (ids * share) - slack, (ids * share) + slack));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(4)]
    [InlineData(9)]
    public void OneMoreShard_MovesItsShareAndOnlyToItself(int shardCount)
    {
        const int ids = 20_000;
        var moved = 0;
        for (var i = 0; i < ids; i++)
        {
            var (before, after) = (Home.Of(Wire.Id((ulong)i), shardCount), Home.Of(Wire.Id((ulong)i), shardCount + 1));
            if (before == after)
                continue;
            moved++;
            Assert.Equal(shardCount, after);
        }
        var share = 1.0 / (shardCount + 1);
        var slack = 5 * Math.Sqrt(ids * share * (1 - share));
        Assert.InRange(moved, (ids * share) - slack, (ids * share) + slack);
    }

    [Fact]
    public void NoShards_IsRefused() => Assert.Throws<ArgumentOutOfRangeException>(() => Home.Of(Wire.Id(1), 0));
}
