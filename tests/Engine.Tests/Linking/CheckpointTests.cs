using VectorDb.Engine.Index.Graph;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Linking;

/// <summary>The saved graph is a cache: whatever becomes of it, the rows of the file are what is found.</summary>
public sealed class CheckpointTests
{
    [Fact]
    public void AStart_LinksNothingThatWasSaved()
    {
        using var shard = Filled(seed: 1);
        shard.Temp.Close();
        var stats = shard.Temp.Shard.Stats;
        Assert.Equal((2000, 2000, null), (stats.Points, stats.Linked, stats.IndexProblem));
        Check(shard);
    }

    /// <summary>As after a crash, or after the SQLite file was restored from elsewhere: what differs is linked anew.</summary>
    [Fact]
    public void AGraphOfAnotherTime_GivesOnlyWhatIsStillTrue()
    {
        using var shard = Filled(seed: 2);
        shard.Temp.Close();
        var old = File.ReadAllBytes(shard.GraphPath);
        shard.Upsert(Enumerable.Range(0, 300));
        shard.Delete(Enumerable.Range(500, 300));
        shard.Upsert(Enumerable.Range(5000, 400));
        shard.WaitForLinks();
        shard.Temp.Close();
        File.WriteAllBytes(shard.GraphPath, old);
        var stats = shard.Temp.Shard.Stats;
        Assert.InRange(stats.Linked, 1400, 2099);
        Check(shard);
        shard.WaitForLinks();
        shard.Upsert(Enumerable.Range(6000, 400));
        shard.WaitForLinks();
        Check(shard);
    }

    [Fact]
    public void AGraphOfAnotherShard_IsNotBelieved()
    {
        using var shard = Filled(seed: 3);
        using var other = Filled(seed: 4);
        shard.Temp.Close();
        other.Temp.Close();
        File.Copy(other.GraphPath, shard.GraphPath, overwrite: true);
        Assert.Equal(2000, shard.Temp.Shard.Stats.Points);
        Check(shard);
        shard.WaitForLinks();
        Check(shard);
    }

    [Theory]
    [InlineData("gone")]
    [InlineData("torn")]
    [InlineData("flipped")]
    [InlineData("other version")]
    [InlineData("a folder")]
    public void AGraphThatCannotBeUsed_IsBuiltAnew(string damage)
    {
        using var shard = Filled(seed: 5);
        shard.Temp.Close();
        var bytes = File.ReadAllBytes(shard.GraphPath);
        File.Delete(shard.GraphPath);
        switch (damage)
        {
            case "torn":
                File.WriteAllBytes(shard.GraphPath, bytes[..(bytes.Length / 2)]);
                break;
            case "flipped":
                bytes[bytes.Length / 2] ^= 4;
                File.WriteAllBytes(shard.GraphPath, bytes);
                break;
            case "other version":
                bytes[8]++;
                File.WriteAllBytes(shard.GraphPath, bytes);
                break;
            case "a folder":
                Directory.CreateDirectory(shard.GraphPath);
                break;
        }
        Assert.Equal(damage is "gone" or "a folder", shard.Temp.Shard.Stats.IndexProblem is null);
        Check(shard);
        shard.WaitForLinks();
        Check(shard);
        shard.Temp.Close();
        if (damage != "a folder")
            Assert.Equal(2000, shard.Temp.Shard.Stats.Linked);
        Check(shard);
    }

    /// <summary>A setting that may be changed between two starts, there and back.</summary>
    [Fact]
    public void ACompactIndex_IsMadeFromTheRowsAndSavedAsSuch()
    {
        using var shard = new LinkedShard(Metric.Cosine, seed: 8);
        shard.Upsert(Enumerable.Range(0, 2000));
        shard.WaitForLinks();
        shard.Temp.Close();
        var bytes = new FileInfo(shard.GraphPath).Length;
        var fast = shard.Temp.Options;
        shard.Temp.Options = fast with { CompactIndex = true };
        Assert.Contains("CompactIndex", shard.Temp.Shard.Stats.IndexProblem);
        Check(shard);
        shard.WaitForLinks();
        Check(shard);
        shard.Temp.Close();
        Assert.InRange(new FileInfo(shard.GraphPath).Length, 1, bytes / 2);
        Assert.Equal((2000, null), (shard.Temp.Shard.Stats.Linked, shard.Temp.Shard.Stats.IndexProblem));
        Check(shard);
        shard.Temp.Close();
        shard.Temp.Options = fast;
        Assert.Contains("CompactIndex", shard.Temp.Shard.Stats.IndexProblem);
        shard.WaitForLinks();
        Check(shard);
    }

    /// <summary>Format 1 had other blocks. The graph is only a cache: it is built anew from the rows.</summary>
    [Fact]
    public void AGraphOfFormatOne_IsRebuilt()
    {
        using var temp = Golden(out var rows);
        temp.Close();
        File.Copy(
            Path.Combine(AppContext.BaseDirectory, "Golden", "graph-v1", "shard-0.graph"), Path.ChangeExtension(temp.Path, ".graph"));
        temp.Options = temp.Options with { Graph = new GraphOptions { FlatBelow = 0, Threads = 1 } };
        Assert.Equal(rows.Length, temp.Shard.Stats.Points);
        Assert.True(SpinWait.SpinUntil(() => temp.Shard.Stats.Linked == rows.Length, TimeSpan.FromSeconds(20)));
        foreach (var row in rows)
            Assert.Equal(0, temp.Search(row.Vector, 1)[0].Score);
    }

    /// <summary>A file of this format must be understood as long as its number stays.</summary>
    [Fact]
    public void AGraphOfFormatTwo_IsRead()
    {
        using var temp = Golden(out var rows);
        temp.Close();
        var graph = Path.ChangeExtension(temp.Path, ".graph");
        var golden = Path.Combine(AppContext.BaseDirectory, "Golden", "graph-v2", "shard-0.graph");
        if (Environment.GetEnvironmentVariable("VECTORDB_MAKE_GOLDEN") is { } folder)
        {
            temp.Options = temp.Options with { Graph = new GraphOptions { FlatBelow = 0, Threads = 1 } };
            temp.Upsert(VectorGen.Key(999), 1, new VectorGen(5, 8).Whole());
            Assert.True(SpinWait.SpinUntil(() => temp.Shard.Stats.Linked == rows.Length + 1, TimeSpan.FromSeconds(20)));
            temp.Write(transaction => transaction.Evict(VectorGen.Key(999), 2));
            temp.Close();
            File.Copy(graph, Path.Combine(folder, "shard-0.graph"), overwrite: true);
            return;
        }
        File.Copy(golden, graph);
        Assert.Equal((rows.Length, rows.Length, null), (temp.Shard.Stats.Points, temp.Shard.Stats.Linked, temp.Shard.Stats.IndexProblem));
        foreach (var row in rows)
            Assert.Equal(0, temp.Search(row.Vector, 1)[0].Score);
    }

    static TempShard Golden(out PointRow[] rows)
    {
        var vectors = new VectorGen(77, 8);
        var made = Enumerable.Range(0, 48)
            .Select(i => new PointRow { Key = VectorGen.Key(i), Version = i + 1, Vector = vectors.Whole() }).ToArray();
        var temp = new TempShard(schema: new CollectionSchema(8, Metric.Euclid));
        temp.Write(transaction => Array.ForEach(made, row => transaction.Upsert(row)));
        rows = made;
        return temp;
    }

    static LinkedShard Filled(int seed)
    {
        var shard = new LinkedShard(Metric.Cosine, seed);
        for (var first = 0; first < 2000; first += 100)
            shard.Upsert(Enumerable.Range(first, 100));
        shard.WaitForLinks();
        return shard;
    }

    static void Check(LinkedShard shard)
    {
        for (var i = 0; i < 15; i++)
        {
            shard.Search();
            shard.Search(exact: true);
        }
        Assert.InRange(shard.Recall, 0.95, 1);
        Assert.Empty(shard.Temp.Shard.Validate().Problems);
    }
}
