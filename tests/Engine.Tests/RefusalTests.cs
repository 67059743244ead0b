using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>Wrong input gets an error that names both sides and says what to do, and changes nothing.</summary>
public sealed class RefusalTests
{
    static readonly PointKey A = VectorGen.Key(1);

    [Fact]
    public void AVectorOfAnotherSize_IsRefusedWithBothSizes()
    {
        using var temp = new TempShard(schema: new CollectionSchema(3, Metric.Cosine));
        var onWrite = Assert.Throws<WrongDimensionsException>(() => temp.Upsert(A, 1, [1, 2]));
        var onSearch = Assert.Throws<WrongDimensionsException>(() => temp.Search([1, 2, 3, 4], 1));
        Assert.Contains("2 dimensions came to a collection of 3", onWrite.Message);
        Assert.Contains("4 dimensions came to a collection of 3", onSearch.Message);
    }

    [Theory]
    [InlineData(float.NaN, Metric.Cosine)]
    [InlineData(float.PositiveInfinity, Metric.Dot)]
    [InlineData(float.NegativeInfinity, Metric.Euclid)]
    [InlineData(1e19f, Metric.Dot)]
    [InlineData(float.MaxValue, Metric.Euclid)]
    [InlineData(0f, Metric.Cosine)]
    public void AVectorThatCannotBeCompared_IsRefused(float number, Metric metric)
    {
        using var temp = new TempShard(schema: new CollectionSchema(2, metric));
        Assert.Throws<InvalidPointException>(() => temp.Upsert(A, 1, [0, number]));
        Assert.Throws<InvalidQueryException>(() => temp.Search([number, 0], 1));
        Assert.Equal(0, temp.Shard.Stats.Points);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Theory]
    [InlineData(float.MaxValue)]
    [InlineData(1e-38f)]
    [InlineData(float.Epsilon)]
    public void CosineTakesAnyLengthButZero(float number)
    {
        using var temp = new TempShard(schema: new CollectionSchema(2, Metric.Cosine));
        temp.Upsert(A, 1, [number, number]);
        Assert.Equal(1f, Assert.Single(temp.Search([number, number], 1)).Score, 1e-6);
        Assert.Equal(-1f, Assert.Single(temp.Search([-number, -number], 1)).Score, 1e-6);
        Assert.InRange(Assert.Single(temp.Search([number, number], 1)).Score, -1f, 1f);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(10_001)]
    public void TopKOutOfRange_IsRefused(int topK)
    {
        using var temp = new TempShard(schema: new CollectionSchema(2, Metric.Dot));
        Assert.Contains($"{topK}", Assert.Throws<InvalidQueryException>(() => temp.Search([1, 0], topK)).Message);
    }

    [Fact]
    public void KeysAndVersionsOutOfRange_AreRefused()
    {
        using var temp = new TempShard(schema: new CollectionSchema(1, Metric.Dot));
        Assert.Throws<InvalidPointException>(() => temp.Upsert(new PointKey([]), 1, [1]));
        Assert.Throws<InvalidPointException>(() => temp.Upsert(default, 1, [1]));
        Assert.Throws<InvalidPointException>(() => temp.Upsert(new PointKey(new byte[1025]), 1, [1]));
        Assert.Throws<InvalidPointException>(() => temp.Upsert(A, 0, [1]));
        Assert.Throws<InvalidPointException>(() => temp.Write(transaction => transaction.Evict(A, -1)));
        Assert.Throws<InvalidPointException>(
            () => temp.Write(transaction => transaction.Claim(new Claim(Guid.NewGuid(), 0, default, 0))));
    }

    [Fact]
    public void AnotherSchema_IsRefusedAndNamesBoth()
    {
        using var temp = new TempShard(schema: new CollectionSchema(3, Metric.Cosine, "minilm", "aa"));
        temp.Define(new CollectionSchema(3, Metric.Cosine, "minilm", "aa"));
        foreach (var other in (CollectionSchema[])[
            new(4, Metric.Cosine, "minilm", "aa"), new(3, Metric.Dot, "minilm", "aa"),
            new(3, Metric.Cosine, "mpnet", "aa"), new(3, Metric.Cosine, "minilm", "bb"), new(3, Metric.Cosine)])
        {
            var message = Assert.Throws<SchemaMismatchException>(() => temp.Define(other)).Message;
            Assert.Contains("3 dimensions, Cosine, model minilm (aa)", message);
            Assert.Contains($"{other.Dimensions} dimensions, {other.Metric}", message);
        }
        temp.Close();
        Assert.Equal(new CollectionSchema(3, Metric.Cosine, "minilm", "aa"), temp.Shard.Schema);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(65_537)]
    public void ASizeOutOfRange_IsRefused(int dimensions)
    {
        using var temp = new TempShard();
        Assert.Throws<SchemaMismatchException>(() => temp.Define(new CollectionSchema(dimensions, Metric.Dot)));
    }

    [Fact]
    public void WithoutASchema_RowsAreRefusedAndSearchesAreEmpty()
    {
        using var temp = new TempShard();
        Assert.Throws<SchemaMissingException>(() => temp.Upsert(A, 1, [1]));
        Assert.Empty(temp.Search([1], 5));
        Assert.Equal(PointState.Absent, temp.Shard.Read(A).State);
    }

    [Fact]
    public void ARefusedRow_DoesNotHarmTheOthersOfItsTransaction()
    {
        using var temp = new TempShard(schema: new CollectionSchema(1, Metric.Dot));
        temp.Write(transaction =>
        {
            transaction.Upsert(ShardTests.Row(A, 1, [1]));
            Assert.Throws<InvalidPointException>(() => transaction.Upsert(ShardTests.Row(A, 2, [float.NaN])));
        });
        Assert.Equal(1, temp.Shard.Read(A).Version);
    }
}
