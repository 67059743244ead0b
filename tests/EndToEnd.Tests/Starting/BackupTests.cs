using System.Net;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Starting;

/// <summary>`vectordb backup` beside a server that goes on.</summary>
public sealed class BackupTests
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task BackupOfARunningServer_IsADataFolder_AsItWasThen()
    {
        await using var server = await RunningServer.StartNewAsync();
        for (var id = 0; id < 20; id++)
            await server.Api.StoreAsync(id, [id, 1]);
        using var folder = new TempFolder();
        var first = Path.Combine(folder.Path, "machine", "first");
        Directory.CreateDirectory(Path.GetDirectoryName(first)!);
        await BackUpAsync(first, server.DataPath);
        await server.Api.StoreAsync("later", [1, 2]);
        // A machine whose workers have folders side by side names the folder around them.
        var second = Path.Combine(folder.Path, "second");
        await BackUpAsync(second, Path.GetDirectoryName(first)!);

        using var restored = ChildProcess.Start(
            ["serve", "--urls", "http://127.0.0.1:0", "--data", second, "--models", RepositoryFiles.Models]);
        using var api = new Api(new(await restored.Ready.WaitAsync(Patience, TestContext.Current.CancellationToken)));
        await Eventually.TrueAsync(async () => (await api.GetAsync("readyz")).IsSuccess, Patience, "the restored server is ready");
        Assert.Equal(20, await api.CountAsync());
        var question = new { query_vector = new[] { 1f, 1 }, top_k = 20, shards_to_search = "all", exact = true };
        Assert.Equal(await ResultsAsync(server.Api, question, except: "later"), await ResultsAsync(api, question));
        Assert.Equal(HttpStatusCode.NotFound, (await api.GetAsync("get/later")).Status);
        await api.StoreAsync("later", [1, 2]);
    }

    static async Task<string> ResultsAsync(Api api, object question, string? except = null)
    {
        var results = (await api.PostAsync("search", question)).Expect()["results"];
        return string.Join('\n', results.EnumerateArray().Where(hit => hit.GetProperty("id").ToString() != except).Take(10));
    }

    static async Task BackUpAsync(string target, string source)
    {
        using var backup = ChildProcess.Start(["backup", target, "--data", source]);
        var code = await backup.ExitCodeAsync(Patience);
        Assert.True(code == 0, backup.Output);
    }
}
