using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>The first request that is not refused makes the collection; a refused one leaves none behind.</summary>
public sealed class FirstStoreTests(InProcessServer server) : IClassFixture<InProcessServer>
{
    [Theory]
    [InlineData("store", """{"id":1,"vector":[0,0]}""")]
    [InlineData("store", """{"id":1,"vector":[1,1e39]}""")]
    [InlineData("store", """{"points":[{"id":1,"vector":[1,2]},{"id":2,"vector":[1,2,3]}]}""")]
    [InlineData("store", """{"points":[{"id":1,"text":"words"},{"id":2,"vector":[1,2,3]}]}""")]
    [InlineData("store", """{"points":[{"id":1,"vector":[1,2]},{"id":2}]}""")]
    [InlineData("shards/1/store", """{"id":1,"vector":[0,0]}""")]
    [InlineData("shards/1/store", """{"id":1,"vector":[1,1e39]}""")]
    [InlineData("set_centroids", """{"0":[1,2],"1":[1,2],"2":[1,2]}""")]
    [InlineData("set_centroids", """{"0":[1,2],"1":[1,2],"2":[1,2],"3":[1,2,3]}""")]
    [InlineData("set_centroids", """{"0":[1,2],"1":[1,2],"2":[1,2],"3":[0,0]}""")]
    [InlineData("train", """{"vectors":[[1,2],[0,0],[2,1],[1,1]]}""")]
    [InlineData("train", """{"vectors":[[1,2],[2,1]]}""")]
    [InlineData("train", """{"texts":["one"]}""")]
    public async Task RefusedFirstRequest_MakesNoCollection(string path, string body)
    {
        (await server.Api.PostAsync(path, body)).ExpectProblem(422);
        var status = (await server.Api.GetAsync("")).Expect();
        Assert.False(status.Json.TryGetProperty("collection", out _), $"It left a collection behind: {status.Body}");
        Assert.Equal(0, status["points"].GetInt64());
    }

    [Fact]
    public async Task SearchBeforeAnything_FindsNothingAndSaysSo()
    {
        var answer = (await server.Api.PostAsync("search", new { query_vector = new[] { 1f } })).Expect();
        Assert.Equal(0, answer["results"].GetArrayLength());
        Assert.False(answer["partial"].GetBoolean());
    }

    [Fact]
    public async Task GetAndDeleteBeforeAnything_AreNotFound()
    {
        (await server.Api.GetAsync("get/1")).ExpectProblem(404);
        (await server.Api.DeleteAsync("points/1")).ExpectProblem(404);
    }
}
