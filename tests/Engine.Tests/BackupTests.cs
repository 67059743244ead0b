using VectorDb.TestKit;

namespace VectorDb.Engine.Tests;

public sealed class BackupTests : IDisposable
{
    static readonly CollectionSchema Cosine3 = new(3, Metric.Cosine);

    readonly string _target = Path.Combine(Path.GetTempPath(), "vectordb-backup-" + Guid.NewGuid().ToString("n"));

    public void Dispose()
    {
        if (System.IO.Directory.Exists(_target))
            System.IO.Directory.Delete(_target, recursive: true);
    }

    /// <summary>
    /// A writer commits number n to the first shard, then to the second, then n + 1. Copies of one moment are equal, or the first is
    /// one ahead; copies of two moments would differ by whatever was written in between.
    /// </summary>
    [Fact]
    public async Task CopiesOfShardsInUse_AreOfOneMoment_AndSound()
    {
        using TempShard first = new(0, Cosine3), second = new(1, Cosine3);
        using var stop = new CancellationTokenSource();
        var written = 0;
        var writing = Task.Run(() =>
        {
            for (var n = 1; !stop.IsCancellationRequested; n++)
            {
                first.Upsert(VectorGen.Key(n), n, [n, 1, 0], text: new string('x', 2_000));
                second.Upsert(VectorGen.Key(n), n, [n, 1, 0], text: new string('x', 2_000));
                Volatile.Write(ref written, n);
            }
        });
        var deadline = DateTime.UtcNow.AddSeconds(30);
        while (Volatile.Read(ref written) < 500)
        {
            Assert.True(DateTime.UtcNow < deadline && !writing.IsCompleted, "the writer writes");
            await Task.Yield();
        }
        var before = Volatile.Read(ref written);
        ShardBackup.Copy([first.Path, second.Path], [], _target, _ => { }, TestContext.Current.CancellationToken);
        await stop.CancelAsync();
        await writing;

        var counts = new[] { first, second }.Select(shard => CountIn(shard.Options)).ToArray();
        Assert.InRange(counts[0] - counts[1], 0, 1);
        Assert.True(counts[1] >= before, $"{counts[1]} rows in the copy; {before} were written before it was asked for");
    }

    [Fact]
    public void FolderThatExists_IsRefused_AndNothingChanges()
    {
        using var shard = new TempShard(schema: Cosine3);
        System.IO.Directory.CreateDirectory(_target);
        File.WriteAllText(Path.Combine(_target, "mine"), "kept");
        var refused = Assert.Throws<ShardAccessException>(() => ShardBackup.Copy([shard.Path], [], _target, _ => { }));
        Assert.Contains("exists already", refused.Message);
        Assert.Equal("kept", File.ReadAllText(Path.Combine(_target, "mine")));
    }

    [Fact]
    public void FailedBackup_LeavesNothingBehind()
    {
        using var shard = new TempShard(schema: Cosine3);
        shard.Upsert(VectorGen.Key(1), 1, [1, 0, 0]);
        var cancelled = new CancellationToken(canceled: true);
        Assert.Throws<OperationCanceledException>(() => ShardBackup.Copy([shard.Path], [], _target, _ => { }, cancelled));
        Assert.Throws<NotAShardFileException>(() => ShardBackup.Copy([WrongFile()], [], _target, _ => { }));
        Assert.False(Path.Exists(_target));
        Assert.False(Path.Exists(_target + ".partial"));
        Assert.Equal(UpsertOutcome.Applied, shard.Upsert(VectorGen.Key(2), 1, [0, 1, 0]));
    }

    string WrongFile()
    {
        var path = Path.Combine(Path.GetTempPath(), Path.GetFileName(_target) + "-wrong.sqlite3");
        File.WriteAllText(path, new string('?', 10_000));
        return path;
    }

    long CountIn(ShardOptions original)
    {
        using var copy = Shard.Open(original with { Path = Path.Combine(_target, Path.GetFileName(original.Path)) });
        var report = copy.Validate();
        Assert.True(report.IsSound, string.Join('\n', report.Problems));
        return copy.Stats.Points;
    }
}
