using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Adding and removing shards of one process, over HTTP and by the command.</summary>
public sealed class ShardCountTests
{
    const int Dimensions = 8;

    /// <summary>Above what is told to have grown too large.</summary>
    const int Points = 4_000;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task WhatCannotBe_IsRefusedWithWhatToDo()
    {
        await using var server = await RunningServer.StartNewAsync("--shards", "2");
        var api = server.Api;
        (await api.PostAsync("shards", new { count = 3 })).ExpectProblem(409, "Nothing is stored yet", "--shards 3");
        await api.StoreAsync(1, [1, 2]);
        (await api.PostAsync("shards", new { count = 2 })).ExpectProblem(409, "There are 2 shards already.");
        (await api.PostAsync("shards", new { count = 0 })).ExpectProblem(422, "give 1 to 1024");
        (await api.PostAsync("shards", new { count = 1025 })).ExpectProblem(422, "give 1 to 1024");
        (await api.PostAsync("shards", new { })).ExpectProblem(400, "count");
        // Enough to move while it is asked for more.
        (await api.PostAsync(
            "store", new { points = Enumerable.Range(10, 2_000).Select(id => new { id, vector = new[] { 1f, id } }) })).Expect();
        (await api.PostAsync("shards", new { count = 3 })).Expect();
        (await api.PostAsync("shards", new { count = 4 })).ExpectProblem(409, "being changed from 2 to 3", "GET /shards");
        (await api.PostAsync("train", new { vectors = new[] { new[] { 1f, 2 }, [2f, 1], [1f, 1] } })).ExpectProblem(409, "from 2 to 3");
        (await api.PostAsync("set_centroids", new Dictionary<string, float[]> { ["0"] = [1, 2], ["1"] = [2, 1] }))
            .ExpectProblem(409, "from 2 to 3");
        await DoneAsync(api, 3);
        Assert.Equal(1, (await api.GetAsync("get/1")).Expect()["id"].GetInt32());
    }

    [Fact]
    public async Task AShardThatHasGrownTooLarge_IsTold_AndSplitByTheCommand()
    {
        await using var server = await RunningServer.StartNewAsync("--shards", "2");
        var api = server.Api;
        // Nearly everything is nearer to the first.
        float[] lone = [-1, 0, 0, 0, 0, 0, 0, 0];
        (await api.PostAsync("set_centroids", new Dictionary<string, float[]> { ["0"] = [1, 1, 1, 1, 1, 1, 1, 1], ["1"] = lone })).Expect();
        var random = new Random(7);
        foreach (var some in Enumerable.Range(0, Points).Chunk(500))
            (await api.PostAsync("store", new { points = some.Select(id => new { id, vector = VectorOf(random) }) })).Expect();
        Assert.Contains("Shard 0 holds ", (await api.GetAsync("")).Expect()["advice"][0].GetString());
        Assert.Contains("vectordb shards add 1", await RunAsync(server, "status"));

        var json = await RunAsync(server, "shards", "add", "2", "--json");
        Assert.Contains("\"count\":4", json);
        var shards = await DoneAsync(api, 4);
        Assert.InRange(shards["balance"].GetProperty("times_mean").GetDouble(), 1, 1.3);
        Assert.False((await api.GetAsync("")).Expect().Json.TryGetProperty("advice", out _));
        Assert.Equal(Points, await api.CountAsync());

        Assert.Contains("3 shards; the largest is shard", await RunAsync(server, "shards", "remove", "1"));
        Assert.InRange((await DoneAsync(api, 3))["balance"].GetProperty("times_mean").GetDouble(), 1, 1.3);
        Assert.Equal(Points, await api.CountAsync());

        await server.KillAsync();
        await server.StartAsync();
        Assert.Equal((Points, 3), (await server.Api.CountAsync(), (await server.Api.GetAsync("shards")).Expect()["count"].GetInt32()));
        Assert.False(File.Exists(Path.Combine(server.DataPath, "shard_3.sqlite3")));
    }

    static async Task<Answer> DoneAsync(Api api, int count)
    {
        Answer? answer = null;
        await Eventually.TrueAsync(
            async () => !(answer = await api.GetAsync("shards")).Expect().Json.TryGetProperty("change", out _), Patience,
            () => $"the change is over: {answer?.Body}");
        Assert.Equal(count, answer!["count"].GetInt32());
        return answer;
    }

    static async Task<string> RunAsync(RunningServer server, params string[] arguments)
    {
        using var command = ChildProcess.Start([.. arguments, "--url", server.Api.Address.ToString()]);
        Assert.Equal(0, await command.ExitCodeAsync(Patience));
        return command.Output;
    }

    static float[] VectorOf(Random random)
    {
        var vector = new float[Dimensions];
        for (var i = 0; i < Dimensions; i++)
            vector[i] = random.NextSingle() - 0.1f;
        return vector;
    }
}
