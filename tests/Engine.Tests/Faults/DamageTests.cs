using System.Runtime.InteropServices;
using VectorDb.Engine.Storage;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Faults;

/// <summary>Damage costs the rows that it hits, is reported, and is healed by the next higher version.</summary>
public sealed class DamageTests
{
    const int Dimensions = 100, Rows = 400;
    const int PageBytes = 16384;

    static readonly PointKey Hit = VectorGen.Key(200);

    [Theory]
    [InlineData("UPDATE vectors SET bytes = substr(bytes, 1, 100) WHERE slot = 200", "100 bytes instead of 400")]
    [InlineData("UPDATE vectors SET bytes = x'' WHERE slot = 200", "0 bytes instead of 400")]
    [InlineData("UPDATE vectors SET version = version + 1 WHERE slot = 200", "checksum")]
    [InlineData("UPDATE vectors SET slot = 5000 WHERE slot = 200", "checksum")]
    [InlineData("UPDATE vectors SET bytes = (SELECT bytes FROM vectors WHERE slot = 7) WHERE slot = 200", "checksum")]
    public void ADamagedVector_IsSetAsideAtTheStart(string damage, string reason)
    {
        using var temp = Filled();
        Execute(temp.Path, damage);
        CheckOneSetAside(temp, reason);
    }

    [Fact]
    public void AFlippedBit_IsSetAsideAtTheStart()
    {
        using var temp = Filled();
        var bytes = File.ReadAllBytes(temp.Path);
        var vector = MemoryMarshal.AsBytes<float>(Vector(200));
        bytes[bytes.AsSpan().IndexOf(vector) + 17] ^= 4;
        File.WriteAllBytes(temp.Path, bytes);
        CheckOneSetAside(temp, "checksum");
    }

    [Theory]
    [InlineData(0x00)]
    [InlineData(0xff)]
    public void ADestroyedPage_CostsItsRowsOnly(byte filling)
    {
        using var temp = Filled();
        var bytes = File.ReadAllBytes(temp.Path);
        var page = bytes.AsSpan().IndexOf(MemoryMarshal.AsBytes<float>(Vector(200))) / PageBytes;
        bytes.AsSpan(page * PageBytes, PageBytes).Fill(filling);
        File.WriteAllBytes(temp.Path, bytes);

        var lost = temp.Shard.Stats.QuarantinedRows;
        Assert.InRange(lost.Count, 10, 60);
        Assert.Contains(lost, row => row.Key == Hit);
        Assert.Equal(Rows - lost.Count, temp.Shard.Stats.Points);
        Assert.Equal(Rows - lost.Count, temp.Search(Vector(200), 10_000).Length);
        Assert.All(lost, row => Assert.Equal(PointState.Quarantined, temp.Shard.Read(row.Key).State));
        foreach (var row in lost)
            Assert.Equal(UpsertOutcome.Applied, temp.Upsert(row.Key, 2, Vector(1)));
        for (var round = 0; round < 2; round++, temp.Close())
        {
            Assert.Equal((0L, (long)Rows), (temp.Shard.Stats.Quarantined, temp.Shard.Stats.Points));
            Assert.Equal(Rows, temp.Search(Vector(200), 10_000).Select(hit => hit.Key).Distinct().Count());
        }
    }

    [Fact]
    public void DamagedContents_AreFoundOnReadingAndSetAsideByTheNextWrite()
    {
        using var temp = Filled();
        Execute(temp.Path, "UPDATE points SET payload = '{\"n\":0}' WHERE slot = 200");
        Assert.Equal(Rows, temp.Shard.Stats.Points);
        Assert.Equal(PointState.Quarantined, temp.Shard.Read(Hit).State);
        Assert.DoesNotContain(temp.Search(Vector(200), 3, withContents: true), hit => hit.Key == Hit);
        Assert.Contains(temp.Search(Vector(200), 3), hit => hit.Key == Hit);
        temp.Write(_ => { });
        Assert.Equal((Rows - 1L, 1L), (temp.Shard.Stats.Points, temp.Shard.Stats.Quarantined));
        Assert.DoesNotContain(temp.Search(Vector(200), 3), hit => hit.Key == Hit);
        temp.Close();
        CheckOneSetAside(temp, "checksum");
    }

    [Fact]
    public void ARowWithoutContents_IsSetAsideByTheNextWrite()
    {
        using var temp = Filled();
        Execute(temp.Path, "DELETE FROM points WHERE slot = 200");
        Assert.Equal(Hit, temp.Search(Vector(200), 1)[0].Key);
        Assert.DoesNotContain(temp.Search(Vector(200), 3, withContents: true), hit => hit.Key == Hit);
        temp.Write(_ => { });
        Assert.DoesNotContain(temp.Search(Vector(200), 3), hit => hit.Key == Hit);
        Assert.Equal(Rows - 1, temp.Shard.Stats.Points);
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(Hit, 2, Vector(200)));
        Assert.Equal(Hit, temp.Search(Vector(200), 1, withContents: true)[0].Key);
    }

    [Fact]
    public void ADamagedRow_CanBeEvicted()
    {
        using var temp = Filled();
        Execute(temp.Path, "UPDATE vectors SET bytes = x'' WHERE slot = 200");
        Assert.True(temp.Shard.Write(transaction => transaction.Evict(Hit, 2)));
        for (var round = 0; round < 2; round++, temp.Close())
        {
            Assert.Equal(PointState.Tombstone, temp.Shard.Read(Hit).State);
            Assert.Equal((Rows - 1L, 0L), (temp.Shard.Stats.Points, temp.Shard.Stats.Quarantined));
            Assert.Empty(temp.Shard.Validate().Problems);
        }
    }

    [Fact]
    public void ADamagedDocument_IsRefused()
    {
        using var temp = new TempShard();
        temp.Write(transaction => transaction.PutDocument("state", [1, 2]));
        temp.Close();
        Execute(temp.Path, "UPDATE documents SET bytes = x'0103'");
        Assert.Contains("'state'", Assert.Throws<ShardDamagedException>(() => temp.Shard.GetDocument("state")).Message);
    }

    [Fact]
    public void Validate_FindsWhatAStartDoesNot()
    {
        using var temp = Filled();
        Execute(temp.Path, "UPDATE counters SET tombstones = 5; UPDATE points SET text = 'x' WHERE slot = 3");
        var problems = temp.Shard.Validate().Problems;
        Assert.Contains(problems, problem => problem.Contains("tombstones says 5, the table 0"));
        Assert.Contains(problems, problem => problem.Contains("payload or text"));
    }

    static void CheckOneSetAside(TempShard temp, string reason)
    {
        for (var round = 0; round < 2; round++, temp.Close())
        {
            Assert.Contains(temp.Shard.Stats.QuarantinedRows, row => row.Reason.Contains(reason));
            Assert.Equal(Rows - 1, temp.Shard.Stats.Points);
            Assert.Equal(PointState.Quarantined, temp.Shard.Read(Hit).State);
            Assert.DoesNotContain(Hit, temp.Shard.ListKeys(null, 1000));
            Assert.DoesNotContain(temp.Search(Vector(200), 10_000, withContents: true), hit => hit.Key == Hit);
            Assert.Equal(UpsertOutcome.Superseded, temp.Upsert(Hit, 1, Vector(1)));
            Assert.Empty(temp.Shard.Validate().Problems);
        }
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(Hit, 2, Vector(200)));
        Assert.Equal(UpsertOutcome.Applied, temp.Upsert(VectorGen.Key(9999), 2, Vector(200)));
        for (var round = 0; round < 2; round++, temp.Close())
        {
            Assert.Equal(Rows + 1, temp.Shard.Stats.Points);
            Assert.Equal(Hit, temp.Search(Vector(200), 1)[0].Key);
            Assert.Empty(temp.Shard.Validate().Problems);
        }
    }

    /// <summary>A closed shard with one row a slot, key and slot the same number.</summary>
    static TempShard Filled()
    {
        var temp = new TempShard(schema: new CollectionSchema(Dimensions, Metric.Euclid));
        temp.Write(transaction =>
        {
            for (var i = 0; i < Rows; i++)
            {
                transaction.Upsert(new PointRow
                {
                    Key = VectorGen.Key(i),
                    Version = 1,
                    Vector = Vector(i),
                    Payload = $"{{\"n\":{i + 1}}}",
                });
            }
        });
        temp.Close();
        return temp;
    }

    static float[] Vector(int number) => new VectorGen(number + 1, Dimensions).Normal();

    static void Execute(string path, string sql)
    {
        using var database = Database.Open(path, readOnly: false);
        database.Execute(sql);
    }
}
