using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>What each shard answers for itself.</summary>
public sealed class ShardPageTests(InProcessServer server) : IClassFixture<InProcessServer>
{
    static readonly float[] Vector = [1, 2];

    Api Api => server.Api;

    [Fact]
    public async Task PointStoredInAnotherShard_MovesThere_AndIsFoundOnce()
    {
        var count = await Api.CountAsync() + 1;
        long version = 0;
        foreach (var shard in new[] { 0, 1, 2, 3, 3, 1, 0 })
        {
            var point = new { id = "mover", vector = Vector, payload = new { shard } };
            var stored = (await Api.PostAsync($"shards/{shard}/store", point)).Expect();
            Assert.Equal(shard, stored["shard"].GetInt32());
            Assert.True(stored["version"].GetInt64() > version);
            version = stored["version"].GetInt64();

            var read = (await Api.GetAsync("get/mover")).Expect();
            Assert.Equal((shard, version), (read["shard"].GetInt32(), read["version"].GetInt64()));
            Assert.Equal(shard, read["payload"].GetProperty("shard").GetInt32());
            Assert.Equal([shard], await HoldersAsync("mover"));
            Assert.Equal(count, await Api.CountAsync());
            for (var other = 0; other < 4; other++)
                if (other == shard)
                    (await Api.GetAsync($"shards/{other}/get/mover")).Expect();
                else
                    (await Api.GetAsync($"shards/{other}/get/mover")).ExpectProblem(404, "GET /get/");
            var found = (await Api.PostAsync("search", new { query_vector = Vector, top_k = 100, shards_to_search = "all" })).Expect();
            var hit = Assert.Single(found["results"].EnumerateArray(), hit => hit.GetProperty("id").ToString() == "mover");
            Assert.Equal(shard, hit.GetProperty("shard").GetInt32());
        }
    }

    [Fact]
    public async Task DeletedPointThatWasMoved_IsNowhere()
    {
        (await Api.PostAsync("store", new { id = "moved-away", vector = Vector })).Expect();
        (await Api.PostAsync("shards/2/store", new { id = "moved-away", vector = Vector })).Expect();
        (await Api.DeleteAsync("points/moved-away")).Expect();
        Assert.Empty(await HoldersAsync("moved-away"));
    }

    [Fact]
    public async Task ListIds_PagesThroughAllKindsInOrder()
    {
        var ids = new List<object> { 5, 40, ulong.MaxValue, Guid.Empty.ToString(), "5", "40", "\"5\"", "a/b", "ä", "x y", "z&after=1#" };
        foreach (var id in ids)
            (await Api.PostAsync("shards/3/store", new { id, vector = Vector })).Expect();
        var expected = ids.ConvertAll(id => JsonSerializer.SerializeToElement(id)).ConvertAll(id => id.ToString() + id.ValueKind);
        foreach (var size in new[] { 1, 2, 3, 10_000 })
        {
            var listed = (await Api.ListIdsAsync(3, size)).ConvertAll(id => id.ToString() + id.ValueKind);
            Assert.Equal(listed.Distinct(), listed);
            Assert.Equal(["5Number", "40Number"], listed.Where(id => id is "5Number" or "40Number"));
            Assert.Equal(["40String", "5String"], listed.Where(id => id is "5String" or "40String"));
            Assert.True(listed.IndexOf($"{ulong.MaxValue}Number") < listed.IndexOf($"{Guid.Empty}String"));
            Assert.True(listed.IndexOf($"{Guid.Empty}String") < listed.IndexOf("40String"));
            Assert.Empty(expected.Except(listed));
        }
    }

    [Fact]
    public async Task Status_CountsWhatTheShardHolds()
    {
        var before = (await Api.GetAsync("shards/2/")).Expect();
        (await Api.PostAsync("shards/2/store", new { id = Guid.NewGuid(), vector = Vector })).Expect();
        var after = (await Api.GetAsync("shards/2/")).Expect();
        Assert.Equal(before["points"].GetInt64() + 1, after["points"].GetInt64());
        Assert.Equal((2, "ready", 2, 0), (after["shard"].GetInt32(), after["health"].GetString(),
            after["dimensions"].GetInt32(), after["quarantined"].GetInt32()));
        Assert.True(after["file_bytes"].GetInt64() > 0);
        var addresses = (await Api.GetAsync("")).Expect()["shards"].EnumerateArray().ToList();
        Assert.Equal(4, addresses.Count);
        foreach (var (number, shard) in addresses.Index())
        {
            var path = new Uri(shard.GetProperty("url").GetString()!).PathAndQuery.TrimStart('/');
            Assert.Equal(number, (await Api.GetAsync(path)).Expect()["shard"].GetInt32());
        }
    }

    [Theory]
    [InlineData("limit=0", 422, "limit")]
    [InlineData("limit=-1", 422, "limit")]
    [InlineData("limit=10001", 422, "10000")]
    [InlineData("limit=many", 400, "limit")]
    [InlineData("after=", 422, "empty")]
    public async Task WrongListing_IsRefused(string query, int status, string word) =>
        (await Api.GetAsync($"shards/0/list_ids?{query}")).ExpectProblem(status, word);

    [Theory]
    [InlineData("", 400, "empty")]
    [InlineData("""{"id":"bad"}""", 422, "neither")]
    [InlineData("""{"vector":[1,2]}""", 400, "id")]
    [InlineData("""{"id":"bad","vector":[1,2,3]}""", 422, "3 numbers")]
    [InlineData("""{"id":"bad","vector":[0,0]}""", 422, "zero")]
    [InlineData("""{"id":"bad","vector":[1,1e39]}""", 422, "finite")]
    [InlineData("""{"id":"bad","text":"words"}""", 422, "384")]
    [InlineData("""{"id":"bad","vector":[1,2],"payload":[]}""", 422, "payload")]
    [InlineData("""{"id":"bad","vector":[1,2],"shard":1}""", 400, "shard")]
    [InlineData("""{"points":[{"id":"bad","vector":[1,2]}]}""", 400, "points")]
    public async Task WrongPoint_IsRefused_AndNothingIsStored(string body, int status, string word)
    {
        (await Api.PostAsync("shards/1/store", new { id = "first", vector = Vector })).Expect();
        var before = await Api.CountAsync();
        (await Api.PostAsync("shards/1/store", body)).ExpectProblem(status, word);
        Assert.Equal(before, await Api.CountAsync());
        (await Api.GetAsync("get/bad")).ExpectProblem(404);
    }

    [Fact]
    public async Task DigitsInAPath_MeanTheNumberOrTheStringWhereOnlyThatExists()
    {
        (await Api.PostAsync("shards/0/store", new { id = "900", vector = Vector })).Expect();
        Assert.Equal(JsonValueKind.String, (await Api.GetAsync("shards/0/get/900")).Expect()["id"].ValueKind);
        (await Api.PostAsync("shards/0/store", new { id = 900, vector = Vector })).Expect();
        Assert.Equal(JsonValueKind.Number, (await Api.GetAsync("shards/0/get/900")).Expect()["id"].ValueKind);
    }

    async Task<List<int>> HoldersAsync(string id)
    {
        var holders = new List<int>();
        for (var shard = 0; shard < 4; shard++)
            if ((await Api.ListIdsAsync(shard)).Any(listed => listed.ToString() == id))
                holders.Add(shard);
        return holders;
    }
}
