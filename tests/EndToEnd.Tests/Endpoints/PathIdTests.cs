using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Ids in paths: percent-encoded once, whatever they hold.</summary>
[Collection(SharedServer.Name)]
public sealed class PathIdTests(InProcessServer server)
{
    static readonly float[] Vector = [1, 1, 0, 0];

    [Theory]
    [InlineData("a/b")]
    [InlineData("a%2Fb")]
    [InlineData("/")]
    [InlineData("ä")]
    [InlineData("%")]
    [InlineData("%25")]
    [InlineData("100%")]
    [InlineData("two words")]
    [InlineData(" ")]
    [InlineData("a+b")]
    [InlineData("a?b=c&d#e")]
    [InlineData("\\")]
    [InlineData("🐝 日本")]
    [InlineData("a;b,c:d@e")]
    [InlineData("..a..")]
    [InlineData("http://example.org/page?q=1")]
    public async Task EncodedId_IsFoundAndDeleted(string id)
    {
        var path = Uri.EscapeDataString(id);
        var home = (await server.Api.PostAsync("store", new { id, vector = Vector, payload = new { id } })).Expect()["shard"].GetInt32();
        var read = (await server.Api.GetAsync($"get/{path}")).Expect();
        Assert.Equal(id, read["id"].GetString());
        Assert.Equal(id, read["payload"].GetProperty("id").GetString());
        Assert.Equal(id, (await server.Api.GetAsync($"shards/{home}/get/{path}?with_vector=false")).Expect()["id"].GetString());
        Assert.Equal(id, (await server.Api.DeleteAsync($"points/{path}")).Expect()["id"].GetString());
        (await server.Api.GetAsync($"get/{path}")).ExpectProblem(404);
    }

    [Fact]
    public async Task EncodedSlash_AndTheLettersOfItsEncoding_AreTwoIds()
    {
        await server.Api.StoreAsync("x/y", Vector, new { is_slash = true });
        await server.Api.StoreAsync("x%2Fy", Vector, new { is_slash = false });
        Assert.True((await server.Api.GetAsync("get/x%2Fy")).Expect()["payload"].GetProperty("is_slash").GetBoolean());
        Assert.False((await server.Api.GetAsync("get/x%252Fy")).Expect()["payload"].GetProperty("is_slash").GetBoolean());
    }

    [Fact]
    public async Task IdTooLongForAnId_IsRefused() =>
        (await server.Api.GetAsync("get/" + new string('x', 513))).ExpectProblem(422, "513");

    [Fact]
    public async Task NumberTooLargeForANumber_IsTheStringOfTheseDigits()
    {
        await server.Api.StoreAsync("18446744073709551616", Vector);
        Assert.Equal("18446744073709551616", (await server.Api.GetAsync("get/18446744073709551616")).Expect()["id"].GetString());
    }

    [Fact]
    public async Task NoId_IsNotFound()
    {
        (await server.Api.GetAsync("get/")).ExpectProblem(404, "openapi.json");
        (await server.Api.DeleteAsync("points/")).ExpectProblem(404, "openapi.json");
    }
}
