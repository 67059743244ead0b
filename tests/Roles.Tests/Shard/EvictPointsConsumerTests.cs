using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.Roles.Tests;

public sealed class EvictPointsConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Fact]
    public async Task OlderRow_GoesAndWhoeverWaitsIsTold()
    {
        var id = Wire.Id(1);
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 3)));
        var eviction = Wire.Eviction(id, 4) with { ReplyTo = _inbox.Address, Ordinal = 6 };
        await _host.SendAsync(ShardAddress.Write(1), Wire.Evict(1, eviction));
        var told = await _inbox.NextAsync<PointsEvicted>(evicted => evicted.Points[0].OperationId == eviction.OperationId);
        Assert.Equal((1, 6), (told.Shard, told.Points[0].Ordinal));
        Assert.Equal((PointState.Tombstone, 4), (_host.Read(1, id).State, _host.Read(1, id).Version));
    }

    [Theory]
    [InlineData(2, 5)]
    [InlineData(3, 6)]
    public async Task RowOfTheVersionOrAbove_Stays(ulong number, long rowVersion)
    {
        var id = Wire.Id(number);
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, rowVersion)));
        var answer = await _host.AskAsync<EvictPoints, PointsEvicted>(ShardAddress.Write(1), Wire.Evict(1, Wire.Eviction(id, 5)));
        Assert.Single(answer.Points);
        Assert.Equal((PointState.Live, rowVersion), (_host.Read(1, id).State, _host.Read(1, id).Version));
    }

    [Fact]
    public async Task Twice_IsAnsweredTwiceAndChangesNothing()
    {
        var id = Wire.Id(4);
        await _host.StoreAsync(_inbox, Wire.Upsert(1, Wire.Row(id, 1)));
        var message = Wire.Evict(1, Wire.Eviction(id, 2));
        await _host.AskAsync<EvictPoints, PointsEvicted>(ShardAddress.Write(1), message);
        var before = _host.Engine(1).Stats;
        await _host.AskAsync<EvictPoints, PointsEvicted>(ShardAddress.Write(1), message);
        Assert.Equal((before.Points, before.Tombstones), (_host.Engine(1).Stats.Points, _host.Engine(1).Stats.Tombstones));
    }

    [Fact]
    public async Task HomesOfAllIds_AreTold()
    {
        var ids = Enumerable.Range(0, 3).Select(home => Wire.IdAt(home, from: 100)).ToArray();
        foreach (var id in ids)
            await _host.PlaceAsync(_inbox, id, 1);
        var newer = new List<EvictPoint>();
        foreach (var id in ids)
            newer.Add(Wire.Eviction(id, (await _host.ClaimAsync(Home.Of(id, 3), Wire.Claim(id, 2)))[0].Version));
        await _host.SendAsync(ShardAddress.Write(1), Wire.Evict(1, [.. newer]));
        await Eventually.TrueAsync(() => ids.All(id => _host.PlacesOf(id) is [2]), "every home has forgotten place 1");
    }
}
