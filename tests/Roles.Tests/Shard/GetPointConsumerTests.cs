using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class GetPointConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Theory]
    [InlineData(0)]
    [InlineData(2)]
    public async Task PointInOnePlace_IsAnsweredByThatPlace(int place)
    {
        var id = Wire.IdAt(home: 0, from: (ulong)(1_000 * (place + 1)));
        var grant = await _host.PlaceAsync(_inbox, id, place);
        var read = await _host.AskAsync<GetPoint, PointRead>(ShardAddress.Search(0), new() { Shard = 0, Id = id });
        Assert.Equal((place, true, grant.Version, grant.Version), (read.Shard, read.IsLive, read.Version, read.ClaimedVersion));
        Assert.Equal(Wire.Vector(1, 0, 0), read.Vector);
        Assert.Equal($"{{\"version\":{grant.Version}}}", read.Payload);
        var bare = await _host.AskAsync<GetPoint, PointRead>(ShardAddress.Search(0), new() { Shard = 0, Id = id, WithVector = false });
        Assert.Null(bare.Vector);
        Assert.NotNull(bare.Payload);
    }

    [Fact]
    public async Task PointOnItsWay_IsLocatedInEveryPlace()
    {
        var id = Wire.IdAt(home: 0, from: 5_000);
        var first = await _host.PlaceAsync(_inbox, id, 1);
        var second = (await _host.ClaimAsync(0, Wire.Claim(id, 2)))[0];
        var located = await _host.AskAsync<GetPoint, PointLocated>(ShardAddress.Search(0), new() { Shard = 0, Id = id });
        Assert.False(located.IsUnknown);
        Assert.Equal([(1, first.Version), (2, second.Version)], located.Places.Select(place => (place.Shard, place.Version)));
    }

    [Fact]
    public async Task ClaimedPointWhoseRowHasNotCome_IsReadAsNotThere()
    {
        var id = Wire.IdAt(home: 0, from: 6_000);
        var grant = (await _host.ClaimAsync(0, Wire.Claim(id, 1)))[0];
        var read = await _host.AskAsync<GetPoint, PointRead>(ShardAddress.Search(0), new() { Shard = 0, Id = id });
        Assert.Equal((1, false, 0L, grant.Version), (read.Shard, read.IsLive, read.Version, read.ClaimedVersion));
        Assert.Null(read.Vector);
    }

    [Fact]
    public async Task UnknownAndDeletedPoints_AreUnknown()
    {
        var (unknown, deleted) = (Wire.IdAt(home: 0, from: 7_000), Wire.IdAt(home: 0, from: 7_100));
        await _host.PlaceAsync(_inbox, deleted, 1);
        await _host.SendAsync(ShardAddress.Directory(0), new DeletePoints
        {
            Shard = 0,
            ShardCount = RoleHost.ShardCount,
            OperationId = Guid.NewGuid(),
            ReplyTo = _inbox.Address,
            Points = [new() { Ordinal = 0, Id = deleted }],
        });
        await _inbox.NextAsync<PointsDeleted>();
        foreach (var id in new[] { unknown, deleted })
        {
            var located = await _host.AskAsync<GetPoint, PointLocated>(ShardAddress.Search(0), new() { Shard = 0, Id = id });
            Assert.True(located.IsUnknown);
            Assert.Empty(located.Places);
        }
    }

    [Fact]
    public async Task ReadPoint_TellsWhatTheShardHas()
    {
        var (live, evicted, absent) = (Wire.Id(8_000), Wire.Id(8_001), Wire.Id(8_002));
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(live, 3) with { Text = "three" }, Wire.Row(evicted, 1)));
        await _host.AskAsync<EvictPoints, PointsEvicted>(ShardAddress.Write(1), Wire.Evict(1, Wire.Eviction(evicted, 2)));
        Assert.Equal((true, 3L, "three"), Told(await ReadAsync(live)));
        Assert.Equal((false, 2L, null), Told(await ReadAsync(evicted)));
        Assert.Equal((false, 0L, null), Told(await ReadAsync(absent)));
        Assert.Equal(9, (await ReadAsync(absent)).ClaimedVersion);
    }

    Task<PointRead> ReadAsync(byte[] id) =>
        _host.AskAsync<ReadPoint, PointRead>(ShardAddress.Search(1), new() { Shard = 1, Id = id, ClaimedVersion = 9 });

    static (bool, long, string?) Told(PointRead read) => (read.IsLive, read.Version, read.Text);
}
