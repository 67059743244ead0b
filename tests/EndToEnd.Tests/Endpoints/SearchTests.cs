using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Searches over forty points that four centroids spread over four shards.</summary>
public sealed class SearchTests(SearchTests.FortyPoints points) : IClassFixture<SearchTests.FortyPoints>
{
    /// <summary>Ten points around each axis of four dimensions, shard n around axis n; the nearer to the axis, the lower the id.</summary>
    public sealed class FortyPoints : IAsyncLifetime
    {
        InProcessServer _server = null!;

        public Api Api => _server.Api;

        public async ValueTask InitializeAsync()
        {
            _server = await InProcessServer.StartNewAsync();
            var centroids = Enumerable.Range(0, 4).ToDictionary(axis => $"{axis}", axis => Around(axis, 0));
            (await Api.PostAsync("set_centroids", centroids)).Expect();
            // Until every shard has looked for rows of before, of which there are none, all shards are asked.
            await Eventually.TrueAsync(Api.HasMovedAsync, TimeSpan.FromSeconds(30), "only the new centroids count");
            var points = Enumerable.Range(0, 40).Select(i => new { id = i, vector = Around(i / 10, i % 10), payload = new { i } });
            var stored = (await Api.PostAsync("store", new { points })).Expect();
            Assert.All(stored["points"].EnumerateArray(), point =>
                Assert.Equal(point.GetProperty("id").GetInt32() / 10, point.GetProperty("shard").GetInt32()));
        }

        public async ValueTask DisposeAsync() => await _server.DisposeAsync();
    }

    Api Api => points.Api;

    [Theory]
    [InlineData("1", 1, 10)]
    [InlineData("2", 2, 20)]
    [InlineData("3", 3, 30)]
    [InlineData("4", 4, 40)]
    [InlineData("99", 4, 40)]
    [InlineData("2147483647", 4, 40)]
    [InlineData("\"all\"", 4, 40)]
    [InlineData("\"auto\"", 4, 40)]
    public async Task ShardsToSearch_AsksThatManyNearestFirst(string shards, int asked, int found)
    {
        var answer = await SearchAsync($$"""{"query_vector":[0.1,0.2,1,0.05],"top_k":100,"shards_to_search":{{shards}}}""");
        Assert.Equal(asked, answer["shards"].GetProperty("asked").GetInt32());
        Assert.Equal(asked, answer["shards"].GetProperty("answered").GetInt32());
        Assert.Equal(found, answer["results"].GetArrayLength());
        Assert.False(answer["partial"].GetBoolean());
        Assert.True(answer["took_ms"].GetDouble() >= 0);
        var order = new[] { 2, 1, 0, 3 };
        Assert.All(answer["results"].EnumerateArray(), hit => Assert.Contains(hit.GetProperty("shard").GetInt32(), order.Take(asked)));
    }

    [Fact]
    public async Task Defaults_AreFiveResultsOfOneShardWithPayloadAndWithoutVector()
    {
        var answer = await SearchAsync("""{"query_vector":[0,9,0,0]}""");
        Assert.Equal([10, 11, 12, 13, 14], IdsOf(answer));
        Assert.Equal(1, answer["shards"].GetProperty("asked").GetInt32());
        Assert.All(answer["results"].EnumerateArray(), hit =>
        {
            Assert.Equal(hit.GetProperty("id").GetInt32(), hit.GetProperty("payload").GetProperty("i").GetInt32());
            Assert.False(hit.TryGetProperty("vector", out _));
        });
        Assert.Equal(1, answer["results"][0].GetProperty("score").GetSingle(), 1e-6);
    }

    [Fact]
    public async Task WithVectorAndWithoutPayload_AreObeyed()
    {
        var answer = await SearchAsync("""{"query_vector":[0,1,0,0],"with_vector":true,"with_payload":false}""");
        Assert.All(answer["results"].EnumerateArray(), hit =>
        {
            Assert.Equal(4, hit.GetProperty("vector").GetArrayLength());
            Assert.False(hit.TryGetProperty("payload", out _));
        });
    }

    [Theory]
    [InlineData("all")]
    [InlineData("auto")]
    public async Task EqualScores_AreInTheOrderOfIdsAcrossShards(string shards)
    {
        // The same angle to every axis: points at the same place around each of them score the same.
        var answer = await SearchAsync($$"""{"query_vector":[1,1,1,1],"top_k":40,"shards_to_search":"{{shards}}"}""");
        var hits = answer["results"].EnumerateArray()
            .Select(hit => (Score: hit.GetProperty("score").GetSingle(), Id: hit.GetProperty("id").GetInt32())).ToList();
        Assert.Equal(40, hits.Count);
        Assert.Equal(hits.OrderByDescending(hit => hit.Score).ThenBy(hit => hit.Id), hits);
        Assert.Contains(hits.GroupBy(hit => hit.Score), same => same.Count() == 4);
    }

    [Fact]
    public async Task TopKBeyondThePoints_GivesAll()
    {
        var answer = await SearchAsync("""{"query_vector":[1,0,0,0],"top_k":10000,"shards_to_search":"all"}""");
        Assert.Equal(40, answer["results"].GetArrayLength());
    }

    [Fact]
    public async Task Batch_AnswersInOrder()
    {
        var searches = Enumerable.Range(0, 1_000)
            .Select(i => new { query_vector = Around(i % 4, i / 4 % 10), top_k = 1, shards_to_search = 1 });
        var answers = (await Api.PostAsync("search/batch", new { searches })).Expect()["answers"];
        Assert.Equal(1_000, answers.GetArrayLength());
        foreach (var (i, answer) in answers.EnumerateArray().Index())
            Assert.Equal(i % 4 * 10 + i / 4 % 10, answer.GetProperty("results")[0].GetProperty("id").GetInt32());
    }

    [Fact]
    public async Task ManyAtOnce_EachGetsItsOwnAnswer() => await Task.WhenAll(Enumerable.Range(0, 200).Select(async i =>
    {
        var answer = (await Api.PostAsync("search", new { query_vector = Around(i % 4, i % 10), top_k = 1 })).Expect();
        Assert.Equal(i % 4 * 10 + i % 10, answer["results"][0].GetProperty("id").GetInt32());
    }));

    [Theory]
    [InlineData("", 400, "empty")]
    [InlineData("{", 400, "JSON")]
    [InlineData("{}", 422, "neither query_vector nor text")]
    [InlineData("""{"query_vector":[1,0,0,0],"text":"both"}""", 422, "both")]
    [InlineData("""{"query_vector":[1,0,0]}""", 422, "has a vector of 3 numbers, but the collection 'default' has vectors of 4")]
    [InlineData("""{"query_vector":[]}""", 422, "empty")]
    [InlineData("""{"query_vector":[0,0,0,0]}""", 422, "zero")]
    [InlineData("""{"query_vector":[1,0,0,1e39]}""", 422, "finite")]
    [InlineData("""{"query_vector":[1,0,0,NaN]}""", 400, "JSON")]
    [InlineData("""{"query_vector":"x"}""", 400, "query_vector")]
    [InlineData("""{"text":"words"}""", 422, "384")]
    [InlineData("""{"text":5}""", 400, "text")]
    [InlineData("""{"text":"\ud800"}""", 400, "Unicode")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":0}""", 422, "top_k 0")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":-1}""", 422, "top_k -1")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":10001}""", 422, "10000")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":1e30}""", 400, "top_k")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":2.5}""", 400, "top_k")]
    [InlineData("""{"query_vector":[1,0,0,0],"top_k":null}""", 400, "top_k")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":0}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":-1}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":1.5}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":99999999999}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":"some"}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":true}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"shards_to_search":null}""", 422, "auto")]
    [InlineData("""{"query_vector":[1,0,0,0],"filter":{"must":[]}}""", 422, "filter")]
    [InlineData("""{"query_vector":[1,0,0,0],"limit":5}""", 400, "limit")]
    public async Task WrongSearch_IsRefusedWithWhatToDo(string body, int status, string word)
    {
        (await Api.PostAsync("search", body)).ExpectProblem(status, word);
        if (status == 422)
            (await Api.PostAsync("search/batch", $$"""{"searches":[{"query_vector":[1,0,0,0]},{{body}}]}""")).ExpectProblem(status, word);
    }

    [Theory]
    [InlineData("{}", 400, "searches")]
    [InlineData("""{"searches":[]}""", 422, "0 searches")]
    [InlineData("""{"searches":null}""", 422, "searches")]
    [InlineData("""{"searches":[null]}""", 400, "null")]
    [InlineData("""{"searches":{}}""", 400, "searches")]
    public async Task WrongBatch_IsRefusedWithWhatToDo(string body, int status, string word) =>
        (await Api.PostAsync("search/batch", body)).ExpectProblem(status, word);

    [Fact]
    public async Task BatchOfTooMany_IsRefused()
    {
        var search = new { query_vector = new[] { 1, 0, 0, 0 } };
        (await Api.PostAsync("search/batch", new { searches = Enumerable.Repeat(search, 1_001) })).ExpectProblem(422, "1001", "1000");
        var large = new { query_vector = new[] { 1, 0, 0, 0 }, top_k = 10_000 };
        (await Api.PostAsync("search/batch", new { searches = Enumerable.Repeat(large, 11) })).ExpectProblem(422, "110000");
    }

    async Task<Answer> SearchAsync(string body) => (await Api.PostAsync("search", body)).Expect();

    static IEnumerable<int> IdsOf(Answer answer) => answer["results"].EnumerateArray().Select(hit => hit.GetProperty("id").GetInt32());

    /// <summary>Near an axis; the larger `step`, the farther from it.</summary>
    static float[] Around(int axis, int step)
    {
        var vector = new float[4];
        vector[axis] = 10;
        vector[(axis + 1) % 4] = step * 0.25f;
        return vector;
    }
}
