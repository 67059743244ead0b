using VectorDb.Contracts;
using VectorDb.EndToEnd.Tests.Serving;
using VectorDb.TestKit;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Starting;

/// <summary>What callers are told when there is no room left on the disk, and that it goes on when there is.</summary>
public sealed class FullDiskTests
{
    const int Shards = 4;

    /// <summary>The shard on the small disk; the homes of the ids, which write too, are on another.</summary>
    const int Small = 1;

    [Fact]
    public async Task StoreInAShard_OnAFullDisk_SaysSo_AndWorksWhenThereIsRoomAgain()
    {
        using var disk = SmallDisk.Mount("16m");
        using var folder = new TempFolder();
        const string file = "shard_1.sqlite3";
        File.CreateSymbolicLink(Path.Combine(folder.Path, file), Path.Combine(disk.Folder, file));
        await using var server = await InProcessServer.StartNewAsync(folder.Path);
        var ids = IdsWithHomesElsewhere(20_000);
        (await StoreAsync(server.Api, ids[0])).Expect();

        disk.Fill();
        // What SQLite's files already have room for is still written.
        var refused = await StoreAsync(server.Api, ids[1]);
        for (var i = 2; refused.IsSuccess; i++)
            refused = await StoreAsync(server.Api, ids[i]);
        refused.ExpectProblem(503, "No room left");
        (await server.Api.GetAsync($"get/{ids[0]}")).Expect();

        disk.Free();
        (await StoreAsync(server.Api, ids[^1])).Expect();
        Assert.Equal(Small, (await server.Api.GetAsync($"get/{ids[^1]}")).Expect()["shard"].GetInt32());
    }

    static string[] IdsWithHomesElsewhere(int count) =>
        [.. Enumerable.Range(0, count).Select(i => $"point-{i}").Where(id => Home.Of(PointId.FromText(id).ToKey(), Shards) != Small)];

    static Task<Answer> StoreAsync(Api api, string id) =>
        api.PostAsync($"shards/{Small}/store", new { id, vector = Enumerable.Range(0, 768).Select(i => i + 1f) });
}
