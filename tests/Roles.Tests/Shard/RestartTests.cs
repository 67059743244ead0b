using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.Roles.Tests;

public sealed class RestartTests : IDisposable
{
    readonly TempFolder _folder = new();

    [Fact]
    public async Task CollectionClaimsAndRows_AreThereAfterARestart()
    {
        var id = Wire.IdAt(0, from: 1);
        var operation = Guid.NewGuid();
        IdGrant granted;
        CollectionState defined;
        await using (var host = await RoleHost.StartAsync(_folder.Path, Roles.Shard))
        {
            var inbox = await Inbox.OpenAsync(host);
            defined = (await DefineAsync(host, new() { Dimensions = 3, Metric = "Dot" })).State;
            granted = (await host.ClaimAsync(0, Wire.Claim(id, 2, operation)))[0];
            await host.StoreAsync(inbox, Wire.Upsert(2, Wire.Row(id, granted.Version)));
        }
        await using (var host = await RoleHost.StartAsync(_folder.Path, Roles.Shard))
        {
            Assert.Equal(defined.Shape, (await DefineAsync(host, new() { Dimensions = 9 })).State.Shape);
            var again = (await host.ClaimAsync(0, Wire.Claim(id, 1, operation)))[0];
            Assert.Equal((granted.Version, 2), (again.Version, again.Target));
            Assert.Equal((PointState.Live, granted.Version), (host.Read(2, id).State, host.Read(2, id).Version));
            Assert.Equal([2], host.PlacesOf(id));
        }
    }

    public void Dispose() => _folder.Dispose();

    static Task<CollectionDefined> DefineAsync(RoleHost host, CollectionShape shape) =>
        host.AskAsync<DefineCollection, CollectionDefined>(ShardAddress.Directory(ShardAddress.KeeperShard), new() { Shape = shape });
}
