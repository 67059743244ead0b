using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

/// <summary>
/// A file of an older format, made by the program of then, opens for ever. The files in Golden are never made anew: a new
/// format gets a folder of its own. VECTORDB_WRITE_GOLDEN=path writes one.
/// </summary>
public sealed class GoldenTests
{
    static readonly CollectionSchema Schema = new(4, Metric.Cosine, "all-MiniLM-L6-v2", "ab12");
    static readonly Guid Operation = new("00112233-4455-6677-8899-aabbccddeeff");
    static readonly PointKey Long = new([.. Enumerable.Range(0, 300).Select(i => (byte)i)]);

    [Theory]
    [InlineData("v1", 0)]
    [InlineData("v2", 2)]
    public void OlderFile_OpensWithEverythingInIt(string format, int outcomes)
    {
        using var temp = new TempShard(number: 5);
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(temp.Path)!);
        File.Copy(Path.Combine(AppContext.BaseDirectory, "Golden", format, "shard-5.sqlite3"), temp.Path);
        Check(temp, outcomes);
        temp.Close();
        Check(temp, outcomes);
        temp.Write(transaction => transaction.Record(Operation, [9]));
        Assert.Equal(outcomes + 1, temp.Shard.Outcomes(Operation).Count);
    }

    [Fact]
    public void AFileWrittenNow_HoldsTheSame()
    {
        using var temp = new TempShard(number: 5);
        Fill(temp);
        temp.Close();
        if (Environment.GetEnvironmentVariable("VECTORDB_WRITE_GOLDEN") is { } path)
            File.Copy(temp.Path, path);
        Check(temp, outcomes: 2);
    }

    static void Fill(TempShard temp)
    {
        temp.Define(Schema);
        temp.Write(transaction =>
        {
            transaction.Upsert(new PointRow
            {
                Key = VectorGen.Key(1),
                Version = 3,
                Epoch = 2,
                Vector = [3, 0, 4, 0],
                Payload = """{"title":"Ünï"}""",
                Text = "a text",
            });
            transaction.Upsert(ShardTests.Row(Long, 4, [0, 0, -2, 0]));
            transaction.Upsert(ShardTests.Row(VectorGen.Key(2), 5, [1, 1, 1, 1]));
            transaction.Upsert(ShardTests.Row(VectorGen.Key(3), 6, [0, 1, 0, 0]));
            transaction.PutDocument("centroids", [1, 2, 3]);
            transaction.Record(Operation, [0, 70_000]);
            transaction.Record(Operation, [2], "has no vector");
            transaction.Claim(new Claim(Operation, 0, VectorGen.Key(1), 5));
            transaction.Claim(new Claim(Operation, 1, VectorGen.Key(2), 1));
            transaction.Claim(new Claim(Guid.NewGuid(), 0, VectorGen.Key(2), 7));
            transaction.Claim(new Claim(Guid.NewGuid(), 0, VectorGen.Key(3), 5));
            transaction.Claim(new Claim(Guid.NewGuid(), 0, VectorGen.Key(3), null));
        });
        temp.Write(transaction => transaction.Evict(VectorGen.Key(2), 9));
        temp.Close();
        using (var database = Storage.Database.Open(temp.Path, readOnly: false))
            database.Execute("UPDATE vectors SET bytes = zeroblob(16) WHERE version = 6");
        Assert.Equal(1, temp.Shard.Stats.Quarantined);
    }

    static void Check(TempShard temp, int outcomes)
    {
        var shard = temp.Shard;
        Assert.Equal(Schema, shard.Schema);
        var stats = shard.Stats;
        Assert.Equal((2L, 1L, 1L, 2L), (stats.Points, stats.Tombstones, stats.Quarantined, stats.DirectoryEntries));
        var row = shard.Read(VectorGen.Key(1)).Row!;
        Assert.Equal([0.6f, 0f, 0.8f, 0f], row.Vector);
        Assert.Equal((3L, 2, """{"title":"Ünï"}""", "a text"), (row.Version, row.Epoch, row.Payload, row.Text));
        Assert.Equal((PointState.Tombstone, 9L), (shard.Read(VectorGen.Key(2)).State, shard.Read(VectorGen.Key(2)).Version));
        Assert.Equal((PointState.Quarantined, 6L), (shard.Read(VectorGen.Key(3)).State, shard.Read(VectorGen.Key(3)).Version));
        Assert.Equal(
            [(Long, 4L, 1f), (VectorGen.Key(1), 3L, -0.8f)],
            temp.Search([0, 0, -1, 0], 5).Select(hit => (hit.Key, hit.Version, hit.Score)));
        Assert.Equal([1, 2, 3], shard.GetDocument("centroids")!);
        Assert.Equal([new Place(1, 2), new Place(7, 3)], shard.Locate(VectorGen.Key(2))!.Places);
        Assert.Equal((5L, true), (shard.Locate(VectorGen.Key(3))!.Version, shard.Locate(VectorGen.Key(3))!.Deleted));
        Assert.Equal([VectorGen.Key(2), VectorGen.Key(3)], shard.Unsettled(null, 9).Select(entry => entry.Key));
        Outcome[] recorded = [new([0, 70_000], null), new([2], "has no vector")];
        Assert.Equivalent(recorded[..outcomes], shard.Outcomes(Operation), strict: true);
        Assert.Empty(shard.Validate().Problems);
        var again = shard.Write(transaction => transaction.Claim(new Claim(Operation, 1, VectorGen.Key(2), 4)));
        Assert.Equal((2L, 1), (again.Version, again.Target));
    }
}
