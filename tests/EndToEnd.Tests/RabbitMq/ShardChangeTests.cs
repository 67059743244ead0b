using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>Adding and removing shards whose workers are other processes.</summary>
public sealed class ShardChangeTests
{
    const int Points = 400;

    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task ShardsOfAnotherWorker_TakeTheirShare_AndAreGivenUpAgain()
    {
        await using var broker = await Broker.OpenAsync();
        using TempFolder first = new(), second = new();
        await using var router = await RoleProcess.IngestAsync(broker.Settings);
        await using var api = await RoleProcess.QueryAsync(broker.Settings);
        await using (var shards = await RoleProcess.ShardAsync(broker.Settings, "0-1", first.Path))
        {
            await api.ReadyAsync();
            await router.ReadyAsync();
            await StoreAsync(api.Api, 0);
            (await api.Api.PostAsync("shards", new { count = 4 })).ExpectProblem(409, "shard 2, 3", "VectorDb__OwnedShards=2,3");
            await using (var added = await RoleProcess.ShardAsync(broker.Settings, "2-3", second.Path, count: 4))
            {
                await ChangeAsync(api.Api, 4);
                Assert.All(await HeldAsync(api.Api, 4), points => Assert.InRange(points, Points / 4 * 0.6, Points / 4 * 1.3));
                await AssertThereAsync(api.Api, 0);
                await ChangeAsync(api.Api, 2, whileChanging: () => StoreAsync(api.Api, 1));
            }
            await AssertThereAsync(api.Api, 1);
            await ChangeAsync(api.Api, 1);
        }
        // The settings of before the changes: the file in the folder knows better.
        await using var again = await RoleProcess.ShardAsync(broker.Settings, "0-1", first.Path);
        await Eventually.TrueAsync(async () => (await api.Api.GetAsync("readyz")).IsSuccess, Patience, "the shards are back");
        await AssertThereAsync(api.Api, 1);
        Assert.Equal([Points], await HeldAsync(api.Api, 1));
    }

    /// <summary>Asks until a worker that was just started has been heard of, then waits until it is done.</summary>
    static async Task ChangeAsync(Api api, int count, Func<Task>? whileChanging = null)
    {
        await Eventually.TrueAsync(
            async () => (await api.PostAsync("shards", new { count })).IsSuccess, Patience, $"the change to {count} begins");
        await (whileChanging?.Invoke() ?? Task.CompletedTask);
        var answer = await api.GetAsync("shards");
        await Eventually.TrueAsync(
            async () => !(answer = await api.GetAsync("shards")).Expect().Json.TryGetProperty("change", out _), Patience,
            () => $"there are {count} shards: {answer.Body}");
        Assert.Equal(count, answer["count"].GetInt32());
    }

    static async Task<List<int>> HeldAsync(Api api, int count)
    {
        var shards = (await api.GetAsync("shards")).Expect()["shards"].EnumerateArray().ToList();
        Assert.Equal(count, shards.Count);
        return shards.ConvertAll(shard => shard.GetProperty("points").GetInt32());
    }

    static async Task StoreAsync(Api api, int round)
    {
        var points = Enumerable.Range(0, Points).Select(id => new { id, vector = VectorOf(id), payload = new { round } });
        foreach (var some in points.Chunk(50))
            (await api.PostAsync("store", new { points = some })).Expect();
    }

    static async Task AssertThereAsync(Api api, int round)
    {
        for (var id = 0; id < Points; id++)
            Assert.Equal(round, (await api.GetAsync($"get/{id}")).Expect()["payload"].GetProperty("round").GetInt32());
        var question = new { query_vector = VectorOf(0), top_k = Points + 10, shards_to_search = "all" };
        var found = (await api.PostAsync("search", question)).Expect();
        Assert.Equal((Points, false), (found["results"].GetArrayLength(), found["partial"].GetBoolean()));
    }

    static float[] VectorOf(int id) => [MathF.Cos(id), MathF.Sin(id)];
}
