using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class LargeSearchAnswerTests(ShardCluster cluster) : IClassFixture<ShardCluster>
{
    readonly RoleHost _host = cluster.Host;
    readonly Inbox _inbox = cluster.Inbox;

    [Fact]
    public async Task PartsThatAreLarge_TravelByThemselves()
    {
        var text = new string('x', 600_000);
        foreach (var shard in (int[])[0, 1])
            await _host.StoreAsync(_inbox, Wire.Upsert(shard, [Wire.Row(Wire.Id((ulong)(90 + shard)), 1) with { Text = text }]));
        var request = Guid.NewGuid();
        await _host.SendAsync(
            ShardAddress.Search(0),
            new SearchShard
            {
                Shard = 0,
                Also = [1],
                Dimensions = 3,
                Questions = [new() { Index = 0, Vector = Wire.Vector(1, 0, 0), TopK = 5, Asked = [0, 1], WithPayload = true }],
            },
            send => (send.RequestId, send.ResponseAddress) = (request, _inbox.Address));
        await Eventually.TrueAsync(() => _inbox.AllOf<ShardSearched>(request).Count == 2, "a message a shard");
        Assert.Equal([0, 1], _inbox.AllOf<ShardSearched>(request).Select(part => part.Shard));
    }
}
