using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Checking;

/// <summary>
/// A data folder as the real server leaves it when it is stopped: points stored, replaced, moved by centroids, deleted. Made once;
/// each test takes a copy to damage.
/// </summary>
public sealed class HealthyFolder : IAsyncLifetime
{
    public const int ShardCount = 3;

    public const int Points = 90;

    /// <summary>The points from here on were deleted.</summary>
    public const int Kept = 80;

    readonly RunningServer _server = new();

    public string Path => _server.DataPath;

    public static float[] VectorOf(int i) => i % 3 == 0 ? [1, i / 100f, 0] : i % 3 == 1 ? [0, 1, i / 100f] : [i / 100f, 0, 1];

    public async ValueTask InitializeAsync()
    {
        await _server.StartAsync("--shards", $"{ShardCount}");
        var points = Enumerable.Range(0, Points).Select(i => new { id = i, vector = VectorOf(i), payload = new { i } });
        (await _server.Api.PostAsync("store", new { points })).Expect();
        var centroids = new Dictionary<string, float[]> { ["0"] = [1, 0, 0], ["1"] = [0, 1, 0], ["2"] = [0, 0, 1] };
        (await _server.Api.PostAsync("set_centroids", centroids)).Expect();
        for (var id = Kept; id < Points; id++)
            (await _server.Api.DeleteAsync($"points/{id}")).Expect();
        for (var id = 0; id < 10; id++)
            await _server.Api.StoreAsync(id, VectorOf(id + 1));
        await Eventually.TrueAsync(_server.Api.HasMovedAsync, TimeSpan.FromSeconds(30), "points have been moved");
        _server.Process.Terminate();
        Assert.Equal(0, await _server.Process.ExitCodeAsync(TimeSpan.FromSeconds(30)));
    }

    public ValueTask DisposeAsync() => _server.DisposeAsync();
}
