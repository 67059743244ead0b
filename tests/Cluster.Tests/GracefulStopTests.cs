using System.Collections.Concurrent;
using System.Diagnostics;
using VectorDb.Cluster.Tests.Processes;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// A process that is asked to stop finishes what it has begun, and is gone within the ten seconds that docs/operations.md promises.
/// </summary>
[Collection(SharedCluster.Name)]
public sealed class GracefulStopTests(SharedCluster setup, ITestOutputHelper output)
{
    const int Writers = 4;

    /// <summary>Written again and again, so that there are not too many to look at.</summary>
    const int Ids = 200;

    static readonly TimeSpan Promised = TimeSpan.FromSeconds(10);

    [Theory]
    [InlineData(RoleKind.Router)]
    [InlineData(RoleKind.Shards)]
    [InlineData(RoleKind.Api)]
    public async Task ProcessStoppedUnderLoad_IsGoneInTime_AndNothingAcknowledgedIsMissing(RoleKind kind)
    {
        // The other API stays, and so the writers see what happens behind it.
        var api = setup.Cluster.Doors.Apis[0];
        var process = setup.Cluster.Of(kind).Last(process => process.Address != api.Address);
        (await api.PostAsync("store", new { id = 0, vector = Vector(0) })).Expect();
        var acknowledged = new ConcurrentQueue<(int Id, long Version)>();
        using var over = new CancellationTokenSource();
        var writing = Enumerable.Range(0, Writers).Select(writer => WriteAsync(api, writer, acknowledged, over.Token)).ToArray();
        await Eventually.TrueAsync(() => Task.FromResult(acknowledged.Count > Ids / 4), TimeSpan.FromSeconds(60), "writers write");

        var start = Stopwatch.GetTimestamp();
        Assert.Equal(0, await process.StopAsync());
        var took = Stopwatch.GetElapsedTime(start);
        var before = acknowledged.Count;
        // Whoever is not stopped goes on; where a shard is away some writes wait for it.
        await Task.Delay(TimeSpan.FromSeconds(1));
        if (kind != RoleKind.Shards)
            await Eventually.TrueAsync(
                () => Task.FromResult(acknowledged.Count > before), TimeSpan.FromSeconds(30),
                () => $"the other process of its kind takes over{setup.Cluster.Logs}");
        var between = acknowledged.Count - before;
        process.Start();
        await process.ReadyAsync();
        await over.CancelAsync();
        await Task.WhenAll(writing);
        output.WriteLine($"{process.Name} was gone after {took.TotalSeconds:0.0} s; {between} writes while it was away");

        Assert.True(took < Promised, $"It took {took.TotalSeconds:0.0} s. {process.Log}");
        foreach (var write in acknowledged.GroupBy(write => write.Id, write => write.Version))
        {
            var version = (await api.GetAsync($"get/{write.Key}")).Expect()["version"].GetInt64();
            Assert.True(version >= write.Max(), $"{write.Key} has version {version}; {write.Max()} was acknowledged");
        }
        await setup.EmptyAsync();
    }

    /// <summary>Each writer has ids of its own, and one that is refused while a shard is away goes on with the next.</summary>
    static async Task WriteAsync(Api api, int writer, ConcurrentQueue<(int Id, long Version)> acknowledged, CancellationToken over)
    {
        for (var round = 0; !over.IsCancellationRequested; round++)
        {
            var id = 1 + ((round * Writers) + writer) % Ids;
            var answer = await api.PostAsync("store", new { id, vector = Vector(id) });
            if (answer.IsSuccess)
                acknowledged.Enqueue((id, answer["version"].GetInt64()));
        }
    }

    static float[] Vector(int seed) => Ledger.Direction(new Random(seed));
}
