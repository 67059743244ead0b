using System.Net;
using System.Text;
using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Storing, reading and deleting as it should be.</summary>
[Collection(SharedServer.Name)]
public sealed class StoreTests(InProcessServer server)
{
    static readonly float[] Vector = [3, 0, 4, 0];

    Api Api => server.Api;

    [Fact]
    public async Task StoredPoint_IsReadBackWhole()
    {
        var stored = (await Api.PostAsync("store", """
            {"id":"whole","vector":[3,0,4,0],"text":"naïve \u0000 日本 🐝","payload":{"n":1.50,"deep":{"list":[1,null,"ä"]},"empty":{}}}
            """)).Expect();
        var read = (await Api.GetAsync("get/whole")).Expect();
        Assert.Equal("whole", read["id"].GetString());
        Assert.Equal([0.6f, 0, 0.8f, 0], read["vector"].Deserialize<float[]>()!);
        Assert.Equal("naïve \0 日本 🐝", read["text"].GetString());
        Assert.Equal("""{"n":1.50,"deep":{"list":[1,null,"ä"]},"empty":{}}""", read["payload"].GetRawText());
        Assert.Equal(stored["shard"].GetInt32(), read["shard"].GetInt32());
        Assert.Equal(stored["version"].GetInt64(), read["version"].GetInt64());
    }

    [Fact]
    public async Task WithoutVector_LeavesItOut()
    {
        await Api.StoreAsync("no-vector", Vector);
        Assert.False((await Api.GetAsync("get/no-vector?with_vector=false")).Expect().Json.TryGetProperty("vector", out _));
        (await Api.GetAsync("get/no-vector?with_vector=perhaps")).ExpectProblem(400, "with_vector");
    }

    [Fact]
    public async Task Overwriting_ReplacesAllOfThePointAndRaisesTheVersion()
    {
        var first = await Api.StoreAsync("again", Vector, new { a = 1 });
        var second = await Api.StoreAsync("again", [0, 1, 0, 0]);
        Assert.True(second > first);
        var read = (await Api.GetAsync("get/again")).Expect();
        Assert.Equal([0, 1, 0, 0], read["vector"].Deserialize<float[]>()!);
        Assert.False(read.Json.TryGetProperty("payload", out _));
    }

    [Fact]
    public async Task SameIdSeveralTimesInOneRequest_TheLastWins()
    {
        var before = await Api.CountAsync();
        var points = Enumerable.Range(1, 200).Select(i => new { id = "same", vector = new[] { 1f, i, 0, 0 }, payload = new { i } });
        var answer = (await Api.PostAsync("store", new { points })).Expect();
        Assert.Equal(200, answer["points"].GetArrayLength());
        Assert.Equal(200, (await Api.GetAsync("get/same")).Expect()["payload"].GetProperty("i").GetInt32());
        Assert.Equal(before + 1, await Api.CountAsync());
    }

    [Fact]
    public async Task Numbers_AndStringsOfTheSameDigits_AreTwoIds()
    {
        await Api.StoreAsync(77_001, Vector, new { kind = "number" });
        await Api.StoreAsync("77001", Vector, new { kind = "string" });
        Assert.Equal("number", await KindAsync("77001"));
        (await Api.DeleteAsync("points/77001")).Expect();
        Assert.Equal("string", await KindAsync("77001"));
        (await Api.DeleteAsync("points/77001")).Expect();
        (await Api.GetAsync("get/77001")).ExpectProblem(404, "77001");
    }

    [Fact]
    public async Task IdsAtTheirLimits_AreKept()
    {
        foreach (var id in new object[] { 0UL, ulong.MaxValue, new string('x', 512), new string('ä', 256), " ", "007" })
        {
            await Api.StoreAsync(id, Vector);
            var read = (await Api.GetAsync("get/" + Uri.EscapeDataString(id.ToString()!))).Expect();
            Assert.Equal(JsonSerializer.SerializeToElement(id).ToString(), read["id"].ToString());
        }
    }

    [Fact]
    public async Task Uuids_AreOneIdHoweverTheyAreWritten()
    {
        await Api.StoreAsync("6F9619FF-8B86-D011-B42D-00C04FC964FF", Vector);
        Assert.Equal("6f9619ff-8b86-d011-b42d-00c04fc964ff",
            (await Api.GetAsync("get/6f9619ff-8b86-d011-b42d-00c04fc964ff")).Expect()["id"].GetString());
    }

    [Fact]
    public async Task Deleting_AnswersWithAVersion_AndTheSecondTimeWithNotFound()
    {
        var stored = await Api.StoreAsync("gone", Vector);
        var count = await Api.CountAsync();
        Assert.True((await Api.DeleteAsync("points/gone")).Expect()["version"].GetInt64() > stored);
        (await Api.DeleteAsync("points/gone")).ExpectProblem(404, "gone");
        (await Api.GetAsync("get/gone")).ExpectProblem(404, "gone");
        Assert.Equal(count - 1, await Api.CountAsync());
        Assert.True(await Api.StoreAsync("gone", Vector) > stored);
        (await Api.GetAsync("get/gone")).Expect();
    }

    [Fact]
    public async Task WithoutWaiting_IsAcceptedAndThenThere()
    {
        await Api.StoreAsync("waited", Vector);
        var answer = (await Api.PostAsync("store", new { id = "later", vector = Vector, wait = false })).Expect(HttpStatusCode.Accepted);
        Assert.False(answer["durable"].GetBoolean());
        Assert.Equal("later", answer["ids"][0].GetString());
        Assert.NotEqual(Guid.Empty, answer["operation"].GetGuid());
        await Eventually.TrueAsync(async () => (await Api.GetAsync("get/later")).IsSuccess, TimeSpan.FromSeconds(20), "the point is there");
    }

    [Fact]
    public async Task PayloadAsDeepAsIsTaken_IsGivenBackBySearchesToo()
    {
        const int levels = 50;
        var payload = string.Concat(Enumerable.Repeat("{\"a\":", levels)) + "1" + new string('}', levels);
        (await Api.PostAsync("store", $$"""{"id":"deep","vector":[-1,-2,-3,-4],"payload":{{payload}}}""")).Expect();
        Assert.Equal(payload, (await Api.GetAsync("get/deep")).Expect()["payload"].GetRawText());
        var search = new { query_vector = new[] { -1, -2, -3, -4 }, top_k = 1, shards_to_search = "all" };
        var found = (await Api.PostAsync("search/batch", new { searches = new[] { search } })).Expect();
        Assert.Contains(payload, found.Body, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("text/plain")]
    [InlineData("application/x-www-form-urlencoded")]
    [InlineData(null)]
    public async Task AnyContentType_IsTakenAsJson(string? contentType)
    {
        var content = new ByteArrayContent(Encoding.UTF8.GetBytes("""{"id":"typed","vector":[1,2,3,4]}"""));
        if (contentType is not null)
            content.Headers.TryAddWithoutValidation("Content-Type", contentType);
        (await Api.SendAsync(new(HttpMethod.Post, new Uri(Api.Address, "store")) { Content = content })).Expect();
    }

    async Task<string?> KindAsync(string path) => (await Api.GetAsync($"get/{path}")).Expect()["payload"].GetProperty("kind").GetString();
}
