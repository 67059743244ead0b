using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.Engine;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Checking;

/// <summary>`vectordb check` on folders that the real server made, healthy, damaged and cut off.</summary>
public sealed class CheckTests(HealthyFolder healthy) : IClassFixture<HealthyFolder>
{
    /// <summary>Some point that is there, whose home is another shard than its owner's.</summary>
    const int Id = 30;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public void HealthyFolder_IsClean_AndAllOfItIsLookedAt()
    {
        using var folder = new DamagedFolder(healthy.Path);
        var report = folder.Check();
        Assert.Empty(report.Damage);
        Assert.Equal([0, 1, 2], report.Shards);
        Assert.Equal(HealthyFolder.Kept, report.Rows);
        Assert.Equal(HealthyFolder.Points, report.DirectoryEntries);
        Assert.Empty(report.Notes);
    }

    [Theory]
    [InlineData("entry gone", "has no directory entry")]
    [InlineData("entry older", "is newer than its directory entry")]
    [InlineData("entry names another shard", "has no such row")]
    [InlineData("entry without places", "does not name one place")]
    [InlineData("stale copy elsewhere", "has no such row")]
    [InlineData("same version elsewhere", "has no such row")]
    [InlineData("deleted point is back", "was deleted at version")]
    [InlineData("counter of rows", "The counter of live rows")]
    [InlineData("counter of entries", "The counter of directory entries")]
    [InlineData("counter of versions", "has given versions up to")]
    [InlineData("vector without a row", "vectors belong to no row")]
    [InlineData("tombstone of a live row", "tombstone that is not newer")]
    [InlineData("epoch of the future", "placed by centroids of epoch 99")]
    public void DamageThatTheRowsDecide_IsFound_AndRepaired(string damage, string finding)
    {
        using var folder = new DamagedFolder(healthy.Path);
        Inflict(folder, damage);
        var report = folder.Check();
        Assert.Contains(report.Damage, sentence => sentence.Contains(finding, StringComparison.Ordinal));
        Assert.Equal(0, report.BeyondRepair);
        Assert.NotEmpty(folder.Repair(report));

        var again = folder.Check();
        Assert.Empty(again.Damage);
        Assert.Equal(HealthyFolder.Kept, again.Rows);
        AssertEngineAgrees(folder);
    }

    [Theory]
    [InlineData("vector changed", "does not match its checksum")]
    [InlineData("payload changed", "payload or text that does not match")]
    [InlineData("vector gone", "has no vector")]
    [InlineData("row gone", "which had it and has it no more")]
    [InlineData("tombstone above the row", "was evicted there below version")]
    [InlineData("page overwritten", "restore")]
    public void DamageThatTookSomethingAway_IsFound_AndLeftToABackup(string damage, string finding)
    {
        using var folder = new DamagedFolder(healthy.Path);
        Inflict(folder, damage);
        var report = folder.Check();
        Assert.Contains(report.Damage, sentence => sentence.Contains(finding, StringComparison.Ordinal)
            && sentence.Contains("restore from a backup", StringComparison.Ordinal));
        Assert.True(report.BeyondRepair > 0);
        folder.Repair(report);
        Assert.True(folder.Check().BeyondRepair > 0);
    }

    /// <summary>What a crash leaves behind is no damage, and the next start finishes it.</summary>
    [Fact]
    public async Task OperationsCutOff_AreNotedOnly_AndGoneAfterTheNextStart()
    {
        using var folder = new DamagedFolder(healthy.Path);
        var owners = new[] { Id, 32 }.ToDictionary(id => id, folder.OwnerOf);
        // A claim whose row never came; one for another shard while the old row is there, and one whose row came and whose older row is
        // not evicted; a delete that nobody was told to evict for.
        folder.Write(DamagedFolder.HomeOf(1_000), transaction => Claim(transaction, 1_000, target: 1));
        folder.Write(DamagedFolder.HomeOf(Id), transaction => Claim(transaction, Id, target: NotOwnerOf(Id)));
        var version = 0L;
        folder.Write(DamagedFolder.HomeOf(32), transaction => version = Claim(transaction, 32, target: NotOwnerOf(32)));
        folder.Put(NotOwnerOf(32), 32, version);
        folder.Write(DamagedFolder.HomeOf(31), transaction => Claim(transaction, 31, target: null));

        var report = folder.Check();
        Assert.Empty(report.Damage);
        Assert.Contains(report.Notes, note => note.StartsWith("2 writes were cut off", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.StartsWith("1 ids were on their way", StringComparison.Ordinal));
        Assert.Contains(report.Notes, note => note.StartsWith("1 deletes were cut off", StringComparison.Ordinal));

        using (var server = ChildProcess.Start(["serve", "--urls", "http://127.0.0.1:0", "--data", folder.Path]))
        {
            using var api = new Api(new(await server.Ready.WaitAsync(Patience, TestContext.Current.CancellationToken)));
            var (code, output) = await RunAsync("check", "--data", folder.Path);
            Assert.Equal(1, code);
            Assert.Contains($"held by process {server.Id}", output, StringComparison.Ordinal);
            (await api.GetAsync($"get/{Id}")).Expect();
            server.Terminate();
            Assert.Equal(0, await server.ExitCodeAsync(Patience));
        }
        var after = folder.Check();
        Assert.Empty(after.Damage);
        Assert.DoesNotContain(after.Notes, note => note.Contains("next start", StringComparison.Ordinal));
        Assert.Equal(HealthyFolder.Kept - 1, after.Rows);

        int NotOwnerOf(int id) => (owners[id] + 1) % HealthyFolder.ShardCount;
    }

    [Fact]
    public void RowsOfAnEarlierEpoch_AreLeftToTheMigration()
    {
        using var folder = new DamagedFolder(healthy.Path);
        folder.Execute(1, "UPDATE points SET epoch = 0");
        var report = folder.Check();
        Assert.Empty(report.Damage);
        Assert.Contains("placed by earlier centroids", Assert.Single(report.Notes), StringComparison.Ordinal);
    }

    /// <summary>Stopped in the middle of `vectordb shards add`: entries are at two homes, which is no damage.</summary>
    [Fact]
    public void NumberOfShardsBeingChanged_IsSaid_AndIdsAreNotJudged()
    {
        using var folder = new DamagedFolder(healthy.Path);
        folder.Execute(DamagedFolder.HomeOf(Id), "DELETE FROM directory WHERE key = $key", Id);
        Assert.NotEmpty(folder.Check().Damage);
        folder.Write(ShardAddress.KeeperShard, transaction =>
        {
            const string document = "collection/default";
            var state = JsonSerializer.Deserialize<CollectionState>(transaction.GetDocument(document)!)!;
            transaction.PutDocument(document, JsonSerializer.SerializeToUtf8Bytes(state with
            {
                Change = new() { Number = 9, From = HealthyFolder.ShardCount, To = 5, Step = ShardChangeSteps.HandingOver },
            }));
        });
        var report = folder.Check();
        Assert.DoesNotContain(report.Damage, sentence => sentence.Contains("directory entry", StringComparison.Ordinal));
        Assert.Contains("is being changed from 3 to 5", Assert.Single(report.Notes));
    }

    [Fact]
    public void ShardsElsewhere_AreSaid_AndIdsAreNotRepairedWithoutThem()
    {
        using var folder = new DamagedFolder(healthy.Path);
        Inflict(folder, "entry gone");
        File.Delete(folder.FileOf((DamagedFolder.HomeOf(Id) + 1) % HealthyFolder.ShardCount == 0 ? 0 : (DamagedFolder.HomeOf(Id) + 1) % 3));
        var report = folder.Check();
        Assert.Contains(report.Notes, note => note.Contains("1 are not here", StringComparison.Ordinal));
        Assert.Empty(folder.Repair(report));
    }

    [Fact]
    public async Task Command_SaysWhatItFoundAndDid_AndExitsWithZeroOnlyWhenClean()
    {
        using var folder = new DamagedFolder(healthy.Path);
        var (code, output) = await RunAsync("check", "--data", folder.Path);
        Assert.True(code == 0, output);
        Assert.Contains("no damage", output, StringComparison.Ordinal);

        Inflict(folder, "entry gone");
        (code, output) = await RunAsync("check", "--data", folder.Path);
        Assert.Equal(1, code);
        Assert.Contains("vectordb check --repair", output, StringComparison.Ordinal);
        (code, output) = await RunAsync("check", "--data", folder.Path, "--repair", "--json");
        Assert.Equal(0, code);
        Assert.Contains("\"clean\":true", output, StringComparison.Ordinal);
        Assert.Contains("\"repaired_count\":1", output, StringComparison.Ordinal);

        (code, output) = await RunAsync("check", "--data", Path.Combine(folder.Path, "nothing"));
        Assert.Equal(1, code);
        Assert.Contains("There is no folder", output, StringComparison.Ordinal);
    }

    static async Task<(int Code, string Output)> RunAsync(params string[] arguments)
    {
        using var process = ChildProcess.Start(arguments);
        return (await process.ExitCodeAsync(Patience), process.Output);
    }

    static void AssertEngineAgrees(DamagedFolder folder)
    {
        for (var number = 0; number < HealthyFolder.ShardCount; number++)
        {
            using var shard = Shard.Open(new() { Path = folder.FileOf(number), Number = number });
            Assert.Empty(shard.Validate().Problems);
        }
    }

    static long Claim(ShardTransaction transaction, int id, int? target) =>
        transaction.Claim(new Claim(Guid.NewGuid(), 0, new PointKey(DamagedFolder.KeyOf(id)), target)).Version;

    static void Inflict(DamagedFolder folder, string damage)
    {
        var (home, owner) = (DamagedFolder.HomeOf(Id), folder.OwnerOf(Id));
        var other = (owner + 1) % HealthyFolder.ShardCount;
        var version = folder.Number(owner, "SELECT version FROM points WHERE key = $key", Id);
        var changed = damage switch
        {
            "entry gone" => folder.Execute(
                home, "DELETE FROM directory WHERE key = $key; UPDATE counters SET directory = directory - 1", Id),
            "entry older" => folder.Execute(home, "UPDATE directory SET version = version - 1 WHERE key = $key", Id),
            "entry names another shard" => folder.Execute(
                home, $"UPDATE directory SET places = x'0{other}' || substr(places, 2) WHERE key = $key", Id),
            "entry without places" => folder.Execute(home, "UPDATE directory SET places = NULL WHERE key = $key", Id),
            "stale copy elsewhere" => Put(other, version - 1),
            "same version elsewhere" => Put(other, version),
            "deleted point is back" => Revive(),
            "counter of rows" => folder.Execute(owner, "UPDATE counters SET points = points + 1"),
            "counter of entries" => folder.Execute(home, "UPDATE counters SET directory = 0"),
            "counter of versions" => folder.Execute(home, "UPDATE counters SET version = 1"),
            "vector without a row" => folder.Execute(
                owner, "INSERT INTO vectors SELECT slot + 5000, key, version, checksum, bytes FROM vectors WHERE key = $key", Id),
            "tombstone of a live row" => folder.Execute(
                owner, "INSERT INTO tombstones VALUES ($key, 1, 1, 1); UPDATE counters SET tombstones = tombstones + 1", Id),
            "epoch of the future" => folder.Execute(owner, "UPDATE points SET epoch = 99 WHERE key = $key", Id),
            "vector changed" => folder.Execute(
                owner, "UPDATE vectors SET bytes = x'00000000' || substr(bytes, 5) WHERE key = $key", Id),
            "payload changed" => folder.Execute(owner, "UPDATE points SET payload = '{\"i\":31}' WHERE key = $key", Id),
            "vector gone" => folder.Execute(owner, "DELETE FROM vectors WHERE key = $key", Id),
            "row gone" => folder.Execute(
                owner,
                "DELETE FROM vectors WHERE key = $key; DELETE FROM points WHERE key = $key; UPDATE counters SET points = points - 1",
                Id),
            "tombstone above the row" => folder.Execute(
                owner, $"INSERT INTO tombstones VALUES ($key, {version + 1}, 1, 1); UPDATE counters SET tombstones = tombstones + 1", Id),
            "page overwritten" => Overwrite(),
            _ => 0,
        };
        Assert.True(changed > 0, damage);

        int Put(int shard, long of)
        {
            folder.Execute(shard, "DELETE FROM tombstones WHERE key = $key", Id);
            folder.Put(shard, Id, of);
            return 1;
        }

        int Revive()
        {
            folder.Execute(other, "DELETE FROM tombstones WHERE key = $key", HealthyFolder.Kept);
            folder.Put(other, HealthyFolder.Kept, version: 1);
            return 1;
        }

        int Overwrite()
        {
            const int pageSize = 16_384;
            using var file = new FileStream(folder.FileOf(owner), FileMode.Open);
            var page = folder.Number(owner, "SELECT rootpage FROM sqlite_schema WHERE name = 'points'");
            file.Position = (page - 1) * pageSize;
            file.Write(new byte[pageSize]);
            return 1;
        }
    }
}
