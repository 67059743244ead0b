using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

/// <summary>Folders as a crash may leave them, made with the engine alone, and what a start makes of them.</summary>
public sealed class SettlerTests : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    RoleHost? _host;

    RoleHost Host => _host!;

    [Fact]
    public async Task KilledBetweenCommitAndEviction_OneRowIsLeftTheNewer()
    {
        var ids = Enumerable.Range(0, 3).Select(home => Wire.IdAt(home, from: 100)).ToArray();
        Crash(crash =>
        {
            foreach (var id in ids)
            {
                crash.Row(1, id, crash.Claim(id, 1));
                crash.Row(2, id, crash.Claim(id, 2));
            }
        });
        await RestartAsync();
        foreach (var id in ids)
        {
            Assert.Equal(PointState.Tombstone, Host.Read(1, id).State);
            Assert.Equal(PointState.Live, Host.Read(2, id).State);
            await Eventually.TrueAsync(() => Host.PlacesOf(id) is [2], "the home knows one place");
        }
    }

    [Fact]
    public async Task KilledBetweenADeleteAndItsEviction_ThePointIsGone()
    {
        var id = Wire.IdAt(0, from: 200);
        Crash(crash =>
        {
            crash.Row(2, id, crash.Claim(id, 2));
            crash.Claim(id, target: null);
        });
        await RestartAsync();
        Assert.Equal((PointState.Tombstone, 2), (Host.Read(2, id).State, Host.Read(2, id).Version));
        await Eventually.TrueAsync(() => Host.PlacesOf(id).Length == 0, "the home knows no place");
    }

    [Fact]
    public async Task KilledBetweenClaimAndCommit_TheOlderRowStaysAndTheLateOneStillWins()
    {
        var id = Wire.IdAt(0, from: 300);
        var (first, second) = (0L, 0L);
        Crash(crash =>
        {
            crash.Row(1, id, first = crash.Claim(id, 1));
            second = crash.Claim(id, 2);
        });
        await RestartAsync();
        Assert.Equal((PointState.Live, first), (Host.Read(1, id).State, Host.Read(1, id).Version));
        Assert.Equal([1, 2], Host.PlacesOf(id));

        var inbox = await Inbox.OpenAsync(Host);
        await Host.StoreAsync(inbox, Wire.Upsert(2, Wire.Row(id, second) with { OtherPlaces = [1] }));
        await Eventually.TrueAsync(() => Host.PlacesOf(id) is [2], "the operation that was under way has ended");
        Assert.Equal((PointState.Live, second), (Host.Read(2, id).State, Host.Read(2, id).Version));
        Assert.Equal(PointState.Tombstone, Host.Read(1, id).State);
    }

    [Fact]
    public async Task KilledBeforeTheFirstRow_NothingIsThereAndTheLateRowIsTaken()
    {
        var id = Wire.IdAt(0, from: 400);
        var version = 0L;
        Crash(crash =>
        {
            crash.Claim(id, 1);
            version = crash.Claim(id, 2);
        });
        await RestartAsync();
        Assert.Equal(PointState.Absent, Host.Read(2, id).State);
        var inbox = await Inbox.OpenAsync(Host);
        await Host.StoreAsync(inbox, Wire.Upsert(2, Wire.Row(id, version) with { OtherPlaces = [1] }));
        await Eventually.TrueAsync(() => Host.PlacesOf(id) is [2], "the operation has ended");
        Assert.Equal(PointState.Live, Host.Read(2, id).State);
    }

    [Fact]
    public async Task DeletedEvictedAndClaimedAgain_ThenKilledBeforeTheRow_TheOldPlaceIsForgotten()
    {
        var id = Wire.IdAt(0, from: 500);
        Crash(crash =>
        {
            crash.Row(1, id, crash.Claim(id, 1));
            crash.Evict(1, id, crash.Claim(id, target: null));
            crash.Claim(id, 2);
        });
        await RestartAsync();
        await Eventually.TrueAsync(() => Host.PlacesOf(id) is [2], "the place of the deleted row is forgotten");
        Assert.Equal(PointState.Tombstone, Host.Read(1, id).State);
        Assert.Equal(PointState.Absent, Host.Read(2, id).State);
    }

    [Fact]
    public async Task MoreThanOnePageOfUnsettledIds_AreAllSettledBeforeReady()
    {
        const int count = 600;
        var ids = Enumerable.Range(0, count).Select(i => Wire.Id((ulong)(1_000 + i))).ToList();
        Crash(crash =>
        {
            foreach (var id in ids)
            {
                crash.Row(1, id, crash.Claim(id, 1));
                crash.Row(2, id, crash.Claim(id, 2));
            }
        });
        await RestartAsync();
        Assert.Equal(0, Host.Engine(1).Stats.Points);
        Assert.Equal(count, Host.Engine(2).Stats.Points);
        await Eventually.TrueAsync(() => ids.All(id => Host.PlacesOf(id) is [2]), "every home knows one place");
        Assert.All(Host.Services.GetRequiredService<ShardSet>().Open, shard => Assert.True(shard.Engine.Validate().IsSound));
    }

    public ValueTask InitializeAsync() => ValueTask.CompletedTask;

    public async ValueTask DisposeAsync()
    {
        if (_host is not null)
            await _host.DisposeAsync();
        _folder.Dispose();
    }

    void Crash(Action<CrashedFolder> work)
    {
        using var crash = new CrashedFolder(_folder.Path);
        work(crash);
    }

    async Task RestartAsync() => _host = await RoleHost.StartAsync(_folder.Path, Roles.Shard);

    /// <summary>Writes what the shards had committed before the crash.</summary>
    sealed class CrashedFolder : IDisposable
    {
        readonly Shard[] _shards;

        public CrashedFolder(string folder)
        {
            ShardCountFile.Check(folder, RoleHost.ShardCount);
            _shards = [.. Enumerable.Range(0, RoleHost.ShardCount).Select(number =>
                Shard.Open(new() { Path = Path.Combine(folder, $"shard_{number}.sqlite3"), Number = number }))];
        }

        /// <summary>A target of null is a delete. Returns the version.</summary>
        public long Claim(byte[] id, int? target) => _shards[Home.Of(id, RoleHost.ShardCount)].Write(transaction =>
            transaction.Claim(new Claim(Guid.NewGuid(), 0, new(id), target)).Version);

        public void Row(int shard, byte[] id, long version) => _shards[shard].Write(transaction =>
        {
            transaction.DefineSchema(new(3, Metric.Cosine));
            return transaction.Upsert(new() { Key = new(id), Version = version, Vector = [1, 2, 3] });
        });

        public void Evict(int shard, byte[] id, long version) => _shards[shard].Write(transaction => transaction.Evict(new(id), version));

        public void Dispose() => Array.ForEach(_shards, shard => shard.Dispose());
    }
}
