using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.QueryApi;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

/// <summary>Many writers of the same ids, whose vectors belong to different shards: what holds when all have been answered.</summary>
public sealed class ConcurrentWritesTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    const int Seed = 11;

    static readonly float[][] Axes = [[1, 0, 0], [0, 1, 0], [0, 0, 1]];

    readonly RoleHost _host = pipeline.Host;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    WriteCoordinator Writes => _host.Services.GetRequiredService<WriteCoordinator>();

    [Fact]
    public async Task RacingStoresAndDeletes_LeaveEachIdWithItsHighestVersionInOnePlaceOnly()
    {
        await OneShardAnAxisAsync();
        var random = new Random(Seed);
        var ids = Enumerable.Range(0, 8).Select(i => Wire.Id((ulong)(100 + i))).ToList();
        var operations = Enumerable.Range(0, 240)
            .Select(_ => (Id: ids[random.Next(ids.Count)], Axis: random.Next(4))).ToList();
        var fates = await Task.WhenAll(operations.Select(async operation => (operation.Id, operation.Axis, Fate: operation.Axis == 3
            ? await Writes.DeleteAsync(operation.Id, Stop)
            : (await StoreAsync(operation.Id, operation.Axis))[0])));
        foreach (var id in ids)
        {
            var last = fates.Where(done => done.Id == id).MaxBy(done => done.Fate.Existed ? done.Fate.Version : 0);
            await Eventually.TrueAsync(
                () => _host.PlacesOf(id).Length == (last.Axis == 3 ? 0 : 1), "the home has forgotten every other place");
            var live = Enumerable.Range(0, RoleHost.ShardCount).Where(shard => _host.Read(shard, id).State == PointState.Live).ToList();
            var expected = last.Axis == 3 ? Array.Empty<int>() : [last.Axis];
            Assert.True(expected.SequenceEqual(live), $"seed {Seed}: live in [{string.Join(", ", live)}], last was {last.Axis}");
            if (live is [var shard])
                Assert.Equal(last.Fate.Version, _host.Read(shard, id).Version);
        }
        Assert.All(_host.Services.GetRequiredService<ShardSet>().Open, shard => Assert.True(shard.Engine.Validate().IsSound));
    }

    [Fact]
    public async Task ReadsWhileAnIdMovesAbout_FindWhatWasAcknowledgedLastOrNewer()
    {
        await OneShardAnAxisAsync();
        var reader = _host.Services.GetRequiredService<PointReader>();
        var id = Wire.Id(500);
        var acknowledged = (await StoreAsync(id, 0))[0].Version!.Value;
        var writing = Task.Run(
            async () =>
            {
                for (var i = 1; i <= 60; i++)
                    Volatile.Write(ref acknowledged, (await StoreAsync(id, i % 3))[0].Version!.Value);
            },
            Stop);
        var reads = 0;
        while (!writing.IsCompleted || reads == 0)
        {
            var known = Volatile.Read(ref acknowledged);
            var read = await reader.FindAsync(id, withVector: true, Stop);
            Assert.True(read is not null && read.Version >= known, $"read {reads}: version {read?.Version} after {known} was acknowledged");
            reads++;
        }
        await writing;
        Assert.Equal(acknowledged, (await reader.FindAsync(id, withVector: false, Stop))!.Version);
    }

    Task<IReadOnlyList<PointFate>> StoreAsync(byte[] id, int axis) =>
        Writes.StoreAsync([new() { Ordinal = 0, Id = id, Vector = VectorBytes.From(Axes[axis]) }], Stop);

    async Task OneShardAnAxisAsync()
    {
        var keeper = _host.Services.GetRequiredService<CollectionKeeper>();
        await keeper.GetOrDefineAsync(new() { Id = PointId.From(1), Vector = Axes[0] }, Stop);
        await keeper.SetCentroidsAsync(
            new() { CentroidShards = [0, 1, 2], Centroids = [.. Axes.SelectMany(axis => VectorBytes.From(axis))] }, Stop);
    }
}
