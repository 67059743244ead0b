using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.Roles.Tests;

/// <summary>What the home of an id does: claims, releases and deletes.</summary>
public sealed class DirectoryConsumerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Fact]
    public async Task Claims_AreGrantedInOrderWithRisingVersions()
    {
        var claims = Enumerable.Range(0, 20)
            .Select(i => Wire.Claim(Wire.IdAt(0, from: (ulong)(1_000 + (40 * i))), target: i % 3)).ToArray();
        var grants = await _host.ClaimAsync(0, claims);
        Assert.Equal(claims.Select(claim => claim.Target), grants.Select(grant => grant.Target));
        Assert.Equal(grants.Select(grant => grant.Version).Order(), grants.Select(grant => grant.Version));
        Assert.Equal(20, grants.Select(grant => grant.Version).Distinct().Count());
        Assert.All(grants, grant => Assert.Empty(grant.OtherPlaces));
    }

    [Fact]
    public async Task SecondClaim_NamesTheOtherPlaces()
    {
        var id = Wire.IdAt(0, from: 2_000);
        var first = (await _host.ClaimAsync(0, Wire.Claim(id, 1)))[0];
        var same = (await _host.ClaimAsync(0, Wire.Claim(id, 1)))[0];
        var moved = (await _host.ClaimAsync(0, Wire.Claim(id, 2)))[0];
        Assert.True(first.Version < same.Version && same.Version < moved.Version);
        Assert.Empty(same.OtherPlaces);
        Assert.Equal([1], moved.OtherPlaces);
        Assert.Equal([1, 2], _host.PlacesOf(id));
    }

    [Fact]
    public async Task RedeliveredClaim_GetsItsVersionAndItsFirstTarget()
    {
        var id = Wire.IdAt(0, from: 2_100);
        var operation = Guid.NewGuid();
        await _host.ClaimAsync(0, Wire.Claim(id, 0));
        var first = (await _host.ClaimAsync(0, Wire.Claim(id, 1, operation, ordinal: 3)))[0];
        var later = (await _host.ClaimAsync(0, Wire.Claim(id, 2)))[0];
        var again = (await _host.ClaimAsync(0, Wire.Claim(id, 2, operation, ordinal: 3)))[0];
        Assert.Equal((first.Version, 1), (again.Version, again.Target));
        Assert.Equal([0], again.OtherPlaces);
        Assert.Equal([0, 1], later.OtherPlaces);
    }

    [Fact]
    public async Task ReleasedPlace_IsForgottenUnlessItWasClaimedAgain()
    {
        var id = Wire.IdAt(0, from: 2_200);
        await _host.ClaimAsync(0, Wire.Claim(id, 1));
        var second = (await _host.ClaimAsync(0, Wire.Claim(id, 2)))[0];
        await ReleaseAsync(id, place: 1, second.Version);
        await Eventually.TrueAsync(() => _host.PlacesOf(id) is [2], "place 1 is forgotten");
        var third = (await _host.ClaimAsync(0, Wire.Claim(id, 1)))[0];
        await ReleaseAsync(id, place: 1, second.Version);
        await ReleaseAsync(id, place: 2, third.Version);
        await Eventually.TrueAsync(() => _host.PlacesOf(id) is [1], "place 2 is forgotten, place 1 stays");
    }

    [Fact]
    public async Task DeletedPoint_IsGoneEverywhereAndTheCallerIsTold()
    {
        var id = Wire.IdAt(0, from: 2_300);
        var grant = await _host.PlaceAsync(_inbox, id, 2);
        var deleted = await DeleteAsync(id, Guid.NewGuid());
        Assert.True(deleted.Existed);
        Assert.True(deleted.Version > grant.Version);
        Assert.Equal([2], deleted.Evicting);
        await Eventually.TrueAsync(() => _host.PlacesOf(id).Length == 0, "no place is left");
        Assert.Equal((PointState.Tombstone, deleted.Version), (_host.Read(2, id).State, _host.Read(2, id).Version));
        await Eventually.TrueAsync(() => _inbox.All<PointsEvicted>().Any(evicted => evicted.Shard == 2), "the eviction is told");
    }

    [Fact]
    public async Task DeleteOfAnUnknownId_LeavesNothing()
    {
        var entries = _host.Engine(1).Stats.DirectoryEntries;
        var id = Wire.IdAt(1, from: 2_400);
        var deleted = await DeleteAsync(id, Guid.NewGuid());
        Assert.False(deleted.Existed);
        Assert.Empty(deleted.Evicting);
        Assert.Null(_host.Engine(1).Locate(new PointKey(id)));
        Assert.Equal(entries, _host.Engine(1).Stats.DirectoryEntries);
    }

    [Fact]
    public async Task DeleteTwice_IsOneDeleteAndANewDeleteFindsNothing()
    {
        var id = Wire.IdAt(0, from: 2_500);
        await _host.PlaceAsync(_inbox, id, 0);
        var operation = Guid.NewGuid();
        var first = await DeleteAsync(id, operation);
        var again = await DeleteAsync(id, operation, answer: 2);
        Assert.Equal((first.Version, true), (again.Version, again.Existed));
        Assert.False((await DeleteAsync(id, Guid.NewGuid())).Existed);
    }

    [Fact]
    public async Task PointStoredAfterItsDelete_IsThereAgain()
    {
        var id = Wire.IdAt(0, from: 2_600);
        await _host.PlaceAsync(_inbox, id, 1);
        var deleted = await DeleteAsync(id, Guid.NewGuid());
        var grant = await _host.PlaceAsync(_inbox, id, 1);
        Assert.True(grant.Version > deleted.Version);
        Assert.Equal((PointState.Live, grant.Version), (_host.Read(1, id).State, _host.Read(1, id).Version));
    }

    Task ReleaseAsync(byte[] id, int place, long version) => _host.SendAsync(ShardAddress.Directory(0), new ReleasePlaces
    {
        Shard = 0,
        Places = [new() { Id = id, Place = place, Version = version }],
    });

    async Task<DeletedPoint> DeleteAsync(byte[] id, Guid operation, int answer = 1)
    {
        var home = Home.Of(id, RoleHost.ShardCount);
        await _host.SendAsync(ShardAddress.Directory(home), new DeletePoints
        {
            Shard = home,
            ShardCount = RoleHost.ShardCount,
            OperationId = operation,
            ReplyTo = _inbox.Address,
            Points = [new() { Ordinal = 0, Id = id }],
        });
        var answers = await Eventually.GetAsync(
            () => _inbox.All<PointsDeleted>().Where(deleted => deleted.OperationId == operation).ToList() is { } all
                && all.Count >= answer ? all : null,
            $"{answer} answers to a delete");
        return answers[answer - 1].Points[0];
    }
}
