using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class ShardTests
{
    static readonly CollectionSchema Cosine3 = new(3, Metric.Cosine);
    static readonly PointKey A = VectorGen.Key(1), B = VectorGen.Key(2);

    [Fact]
    public void ARowWritten_IsReadBackWithEverything()
    {
        using var temp = new TempShard(schema: Cosine3);
        var row = new PointRow
        {
            Key = A,
            Version = 7,
            Epoch = 2,
            Vector = [3, 0, 4],
            Payload = """{"a":"\u0000 ü 😀"}""",
            Text = "zero \0 byte, ünï 😀",
        };
        Assert.Equal(UpsertOutcome.Applied, temp.Shard.Write(transaction => transaction.Upsert(row)));
        for (var round = 0; round < 2; round++, temp.Close())
        {
            var reading = temp.Shard.Read(A);
            Assert.Equal((PointState.Live, 7L), (reading.State, reading.Version));
            Assert.Equal([0.6f, 0f, 0.8f], reading.Row!.Vector);
            Assert.Equal((row.Payload, row.Text, 2), (reading.Row.Payload, reading.Row.Text, reading.Row.Epoch));
            Assert.Empty(temp.Shard.Read(A, withVector: false).Row!.Vector);
        }
    }

    [Theory]
    [InlineData(null, null)]
    [InlineData("", "")]
    [InlineData(null, "")]
    [InlineData("{}", null)]
    public void AbsentAndEmptyContents_StayApart(string? payload, string? text)
    {
        using var temp = new TempShard(schema: Cosine3);
        temp.Upsert(A, 1, [1, 0, 0], payload, text);
        var row = temp.Shard.Read(A).Row!;
        Assert.Equal((payload, text), (row.Payload, row.Text));
    }

    [Fact]
    public void OnlyAHigherVersion_Replaces()
    {
        using var temp = new TempShard(schema: Cosine3);
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(A, 5, [1, 0, 0]));
        Assert.Equal(UpsertOutcome.Superseded, temp.Upsert(A, 5, [0, 1, 0]));
        Assert.Equal(UpsertOutcome.Superseded, temp.Upsert(A, 4, [0, 1, 0]));
        Assert.Equal([1f, 0f, 0f], temp.Shard.Read(A).Row!.Vector);
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(A, 6, [0, 1, 0]));
        Assert.Equal(6, Assert.Single(temp.Search([0, 1, 0], 5)).Version);
        Assert.Equal(1, temp.Shard.Stats.Points);
    }

    [Fact]
    public void AnEvictedRow_IsGoneAndCannotComeBackWithAnOlderVersion()
    {
        using var temp = new TempShard(schema: Cosine3);
        temp.Upsert(A, 3, [1, 0, 0]);
        Assert.False(temp.Shard.Write(transaction => transaction.Evict(A, 3)), "the same version stays");
        Assert.True(temp.Shard.Write(transaction => transaction.Evict(A, 8)));
        Assert.False(temp.Shard.Write(transaction => transaction.Evict(B, 4)), "nothing was there");
        for (var round = 0; round < 2; round++, temp.Close())
        {
            Assert.Equal(new PointReading(PointState.Tombstone, 8, null), temp.Shard.Read(A));
            Assert.Equal(new PointReading(PointState.Tombstone, 4, null), temp.Shard.Read(B));
            Assert.Equal(UpsertOutcome.Superseded, temp.Upsert(A, 8, [1, 0, 0]));
            Assert.Equal(UpsertOutcome.Superseded, temp.Upsert(B, 3, [1, 0, 0]));
            Assert.Empty(temp.Search([1, 0, 0], 5));
            Assert.Equal((0L, 2L), (temp.Shard.Stats.Points, temp.Shard.Stats.Tombstones));
        }
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(A, 9, [1, 0, 0]));
        Assert.Equal(1, temp.Shard.Stats.Tombstones);
        Assert.Empty(temp.Shard.Validate().Problems);
    }

    [Fact]
    public void AThrowingTransaction_LeavesNothing()
    {
        using var temp = new TempShard(schema: Cosine3);
        temp.Upsert(A, 1, [1, 0, 0]);
        var thrown = Assert.Throws<FormatException>(() => temp.Write(transaction =>
        {
            transaction.Upsert(Row(A, 2, [0, 1, 0]));
            transaction.Upsert(Row(B, 3, [0, 0, 1]));
            transaction.Evict(VectorGen.Key(9), 5);
            transaction.Claim(new Claim(Guid.NewGuid(), 0, A, 0));
            transaction.PutDocument("x", [1]);
            throw new FormatException("mine");
        }));
        Assert.Equal("mine", thrown.Message);
        Assert.Equal((1L, 0L, 0L), (temp.Shard.Stats.Points, temp.Shard.Stats.Tombstones, temp.Shard.Stats.DirectoryEntries));
        Assert.Equal(1, Assert.Single(temp.Search([1, 1, 1], 5)).Version);
        Assert.Null(temp.Shard.GetDocument("x"));
        Assert.Null(temp.Shard.Locate(A));
        Assert.Empty(temp.Shard.Validate().Problems);
        temp.Upsert(B, 4, [0, 0, 1]);
        Assert.Equal(2, temp.Search([1, 1, 1], 5).Length);
    }

    [Fact]
    public void ASchemaDefinedInAFailedTransaction_IsNotDefined()
    {
        using var temp = new TempShard();
        Assert.Throws<FormatException>(() => temp.Write(transaction =>
        {
            transaction.DefineSchema(Cosine3);
            transaction.Upsert(Row(A, 1, [1, 0, 0]));
            throw new FormatException();
        }));
        Assert.Null(temp.Shard.Schema);
        temp.Define(new CollectionSchema(2, Metric.Dot));
        Assert.Equal(2, temp.Shard.Schema!.Dimensions);
    }

    [Fact]
    public void ManyVersionsOfAKeyInOneTransaction_LeaveTheLast()
    {
        using var temp = new TempShard(schema: Cosine3);
        temp.Upsert(A, 1, [1, 0, 0]);
        temp.Write(transaction =>
        {
            transaction.Upsert(Row(B, 2, [0, 0, 1]));
            transaction.Upsert(Row(A, 3, [0, 1, 0]));
            transaction.Upsert(Row(A, 4, [0, 0, 1]));
            transaction.Evict(B, 5);
            transaction.Upsert(Row(B, 6, [1, 0, 0]));
        });
        Assert.Equal([(B, 6L, 1f), (A, 4L, 0f)], temp.Search([1, 0, 0], 5).Select(hit => (hit.Key, hit.Version, hit.Score)));
        Assert.Empty(temp.Shard.Validate().Problems);
        temp.Close();
        Assert.Equal([B, A], temp.Search([1, 0, 0], 5).Select(hit => hit.Key));
    }

    [Fact]
    public void Keys_AreListedInOrderAndInPages()
    {
        using var temp = new TempShard(schema: Cosine3);
        foreach (var number in new long[] { 5, 3, 300, 4, 1 })
            temp.Upsert(VectorGen.Key(number), 1, [1, 0, 0]);
        temp.Write(transaction => transaction.Evict(VectorGen.Key(4), 2));
        Assert.Equal([VectorGen.Key(1), VectorGen.Key(3)], temp.Shard.ListKeys(null, 2));
        Assert.Equal([VectorGen.Key(5), VectorGen.Key(300)], temp.Shard.ListKeys(VectorGen.Key(3), 10));
        Assert.Throws<ArgumentOutOfRangeException>(() => temp.Shard.ListKeys(null, 0));
    }

    [Fact]
    public void Documents_AreReplacedWhole()
    {
        using var temp = new TempShard();
        Assert.Null(temp.Shard.GetDocument("state"));
        temp.Write(transaction => transaction.PutDocument("state", [1, 2, 3]));
        temp.Write(transaction => transaction.PutDocument("empty", []));
        temp.Write(transaction => transaction.PutDocument("state", [4]));
        temp.Close();
        Assert.Equal([4], temp.Shard.GetDocument("state")!);
        Assert.Equal([], temp.Shard.GetDocument("empty")!);
    }

    [Fact]
    public void LongKeys_AreKeptWhole()
    {
        using var temp = new TempShard(schema: Cosine3);
        var keys = new[] { 1, 22, 23, 24, 254, 255, 256, 1024 }
            .Select(length => new PointKey([.. Enumerable.Repeat((byte)length, length)])).ToArray();
        temp.Write(transaction => Array.ForEach(keys, key => transaction.Upsert(Row(key, 1, [1, 0, 0]))));
        for (var round = 0; round < 2; round++, temp.Close())
            Assert.Equal(keys.Order(), temp.Search([1, 0, 0], 10).Select(hit => hit.Key));
    }

    [Fact]
    public void Sample_IsOfLiveRowsWithoutRepetition()
    {
        using var temp = new TempShard(schema: new CollectionSchema(2, Metric.Dot));
        temp.Write(transaction =>
        {
            for (var i = 0; i < 1000; i++)
                transaction.Upsert(Row(VectorGen.Key(i), 1, [i, 1]));
            for (var i = 0; i < 500; i++)
                transaction.Evict(VectorGen.Key(i), 2);
        });
        var sample = temp.Shard.Sample(100, seed: 3);
        Assert.Equal(100, sample.Select(vector => vector[0]).Distinct().Count());
        Assert.All(sample, vector => Assert.InRange(vector[0], 500, 999));
        Assert.Equal(sample, temp.Shard.Sample(100, seed: 3));
        Assert.NotEqual(sample, temp.Shard.Sample(100, seed: 4));
        Assert.Equal(500, temp.Shard.Sample(5000, seed: 3).Length);
        Assert.Empty(temp.Shard.Sample(0, seed: 3));
    }

    [Fact]
    public void HitsCarryContents_OnlyWhenAsked()
    {
        using var temp = new TempShard(schema: Cosine3);
        temp.Upsert(A, 1, [0, 2, 0], "{}", "hello");
        var hit = Assert.Single(temp.Search([0, 1, 0], 1, withContents: true));
        Assert.Equal(("{}", "hello"), (hit.Payload, hit.Text));
        Assert.Equal([0f, 1f, 0f], hit.Vector!);
        Assert.Equal(new SearchHit(A, 1, 1f), Assert.Single(temp.Search([0, 1, 0], 1)));
    }

    [Fact]
    public void NothingWorksAfterDispose()
    {
        using var temp = new TempShard(schema: Cosine3);
        var shard = temp.Shard;
        shard.Dispose();
        shard.Dispose();
        Assert.Throws<ObjectDisposedException>(() => shard.Search([]));
        Assert.Throws<ObjectDisposedException>(() => shard.Read(A));
        Assert.Throws<ObjectDisposedException>(() => shard.Write(_ => 0));
        Assert.Throws<ObjectDisposedException>(() => shard.Stats);
    }

    [Fact]
    public void ATransaction_IsOnlyUsableInsideItsWrite()
    {
        using var temp = new TempShard(schema: Cosine3);
        ShardTransaction? kept = null;
        temp.Write(transaction => kept = transaction);
        Assert.Throws<InvalidOperationException>(() => kept!.Evict(A, 1));
        Assert.Throws<InvalidOperationException>(() => temp.Write(_ => temp.Write(_ => { })));
        Assert.Throws<InvalidOperationException>(() => temp.Write(_ => temp.Shard.Dispose()));
        temp.Upsert(A, 1, [1, 0, 0]);
    }

    internal static PointRow Row(PointKey key, long version, float[] vector) =>
        new() { Key = key, Version = version, Vector = vector };
}
