using System.Runtime.CompilerServices;
using VectorDb.Engine.Storage;
using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Faults;

public sealed class DiskFullTests
{
    static readonly CollectionSchema Schema = new(1000, Metric.Dot);

    [Fact]
    public void OnAFullDisk_WritesAreRolledBackAndReadsGoOn()
    {
        using var disk = SmallDisk.Mount("4m");
        using var shard = Shard.Open(new ShardOptions { Path = Path.Combine(disk.Folder, "shard.sqlite3"), Number = 0 });
        FillAndCheck(shard);
    }

    [Fact]
    public void AtTheLimitOfPages_WritesAreRolledBackAndReadsGoOn()
    {
        using var temp = new TempShard(schema: Schema);
        var database = Store(temp.Shard).Database;
        database.Execute($"PRAGMA max_page_count={database.Number("PRAGMA page_count") + 60}");
        FillAndCheck(temp.Shard);
        database.Execute("PRAGMA max_page_count=1000000");
        Assert.Equal(50, Write(temp.Shard, firstKey: 100_000));
    }

    /// <summary>Killing a process does not show a missing sync, only cutting the power does: so the settings are checked.</summary>
    [Fact]
    public void Commits_AreSyncedToTheDisk()
    {
        using var temp = new TempShard(schema: Schema);
        for (var round = 0; round < 2; round++, temp.Close())
        {
            var database = Store(temp.Shard).Database;
            Assert.Equal(2, database.Number("PRAGMA synchronous"));
            Assert.Equal(1, database.Number("SELECT journal_mode = 'wal' FROM pragma_journal_mode"));
            Assert.Equal(16384, database.Number("PRAGMA page_size"));
        }
    }

    static void FillAndCheck(Shard shard)
    {
        var written = 0;
        DiskFullException? full = null;
        for (; full is null; written += full is null ? 50 : 0)
        {
            try
            {
                Write(shard, firstKey: written);
            }
            catch (DiskFullException exception)
            {
                full = exception;
            }
        }
        Assert.Contains("Free space", full.Message);
        Assert.InRange(written, 50, 5000);
        for (var attempt = 0; attempt < 3; attempt++)
        {
            Assert.Equal(written, shard.Stats.Points);
            Assert.Equal(written, shard.Search([new SearchQuery { Vector = new float[1000], TopK = 10_000 }])[0].Length);
            Assert.Equal(PointState.Live, shard.Read(VectorGen.Key(written - 1)).State);
            Assert.Equal(PointState.Absent, shard.Read(VectorGen.Key(written)).State);
            Assert.Empty(shard.Validate().Problems);
            Assert.Throws<DiskFullException>(() => Write(shard, firstKey: written));
        }
    }

    static int Write(Shard shard, int firstKey) => shard.Write(transaction =>
    {
        transaction.DefineSchema(Schema);
        for (var i = 0; i < 50; i++)
            transaction.Upsert(ShardTests.Row(VectorGen.Key(firstKey + i), 1, new float[1000]));
        return 50;
    });

    [UnsafeAccessor(UnsafeAccessorKind.Field, Name = "_store")]
    static extern ref WriterStore Store(Shard shard);
}
