using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>What /store refuses: with which status, saying what, and leaving nothing behind.</summary>
[Collection(SharedServer.Name)]
public sealed class RefusedStoreTests(InProcessServer server)
{
    const string Good = """{"id":"refused-good","vector":[1,2,3,4]}""";

    static readonly string Nested = string.Concat(Enumerable.Repeat("""{"a":""", 100_000));

    static readonly string NestedLists = new('[', 100_000);

    Api Api => server.Api;

    public static TheoryData<string, int, string> Bodies => new()
    {
        { "", 400, "empty" },
        { "null", 400, "JSON object" },
        { "[]", 400, "object" },
        { "5", 400, "object" },
        { "{}", 400, "no id" },
        { "{\"id\":1,", 400, "JSON" },
        { "{\"id\":1,\"vector\":[1,2,3,4]} and more", 400, "JSON" },
        { "{\"id\":1,\"vector\":[1,2,3,", 400, "JSON" },
        { "{'id':1}", 400, "JSON" },
        { """{"id":"x","vector":[1,2,3,4],"colour":"red"}""", 400, "colour" },
        { """{"id":"x","vector":"1,2,3,4"}""", 400, "vector" },
        { """{"id":"x","vector":{"0":1}}""", 400, "vector" },
        { """{"id":"x","vector":[1,2,3,"4"]}""", 400, "number" },
        { """{"id":"x","vector":[1,2,3,null]}""", 400, "number" },
        { """{"id":"x","vector":[1,2,3,NaN]}""", 400, "JSON" },
        { """{"id":"x","vector":[1,2,3,"NaN"]}""", 400, "number" },
        { """{"id":"x","vector":[1,2,3,1e39]}""", 422, "vector[3]" },
        { """{"id":"x","vector":[1,2,3,-1e39]}""", 422, "finite" },
        { """{"id":"x","vector":[1,2,3,1e999]}""", 422, "finite" },
        { """{"id":"x","vector":[]}""", 422, "empty" },
        { """{"id":"x","vector":[0,0,0,0]}""", 422, "zero" },
        { """{"id":"x","vector":[0,0,-0,0.0]}""", 422, "zero" },
        { """{"id":"x","vector":[1,2,3]}""", 422, "has a vector of 3 numbers, but the collection 'default' has vectors of 4" },
        { """{"id":"x","text":"words"}""", 422, "384" },
        { """{"id":"x"}""", 422, "neither vector nor text" },
        { """{"id":"x","vector":null,"text":null}""", 422, "neither vector nor text" },
        { """{"id":null,"vector":[1,2,3,4]}""", 400, "id" },
        { """{"id":"","vector":[1,2,3,4]}""", 422, "empty" },
        { """{"id":-1,"vector":[1,2,3,4]}""", 422, "whole number" },
        { """{"id":1.5,"vector":[1,2,3,4]}""", 422, "whole number" },
        { """{"id":18446744073709551616,"vector":[1,2,3,4]}""", 422, "18446744073709551615" },
        { """{"id":true,"vector":[1,2,3,4]}""", 400, "id" },
        { """{"id":["x"],"vector":[1,2,3,4]}""", 400, "id" },
        { """{"id":"\ud800","vector":[1,2,3,4]}""", 422, "Unicode" },
        { """{"id":"x","vector":[1,2,3,4],"text":"\udc00 half"}""", 400, "Unicode" },
        { """{"id":"x","vector":[1,2,3,4],"text":5}""", 400, "text" },
        { """{"id":"x","vector":[1,2,3,4],"payload":{"a":"\ud83d"}}""", 422, "Unicode" },
        { """{"id":"x","vector":[1,2,3,4],"payload":{"\ud83d":1}}""", 422, "Unicode" },
        { """{"id":"x","vector":[1,2,3,4],"payload":5}""", 422, "payload" },
        { """{"id":"x","vector":[1,2,3,4],"payload":"words"}""", 422, "payload" },
        { """{"id":"x","vector":[1,2,3,4],"payload":[1]}""", 422, "payload" },
        { """{"id":"x","vector":[1,2,3,4],"payload":true}""", 422, "payload" },
        { """{"id":"x","vector":[1,2,3,4],"wait":"yes"}""", 400, "wait" },
        { """{"id":"x","vector":[1,2,3,4],"points":[]}""", 400, "not both" },
        { """{"points":[]}""", 422, "0 points" },
        { """{"points":null}""", 400, "id" },
        { """{"points":[null]}""", 400, "null" },
        { """{"points":{}}""", 400, "points" },
        { """{"points":[5]}""", 400, "object" },
        { $$"""{"points":[{{Good}},{"vector":[1,2,3,4]}]}""", 400, "id" },
        { $$"""{"points":[{{Good}},{"id":"x","vector":[1,2,3]}]}""", 422, "points[1]" },
        { $$"""{"points":[{{Good}},{"id":"x","vector":[0,0,0,0]}]}""", 422, "None of the 2 points was stored" },
        { $$"""{"points":[{{Good}},{"id":"x","vector":[1,2,3,1e39]}]}""", 422, "points[1]" },
        { $$"""{"points":[{{Good}},{"id":"x","text":"words"}]}""", 422, "384" },
        { $$"""{"points":[{{Good}},{"id":"x"}]}""", 422, "neither" },
        { $$"""{"points":[{{Good}},{"id":"x","vector":[1,2,3,4],"extra":1}]}""", 400, "extra" },
        { $$"""{"points":[{{Good}},{"id":"x","vector":[1,2,3,4],"payload":[]}]}""", 422, "points[1]" },
    };

    [Theory]
    [MemberData(nameof(Bodies))]
    public Task WrongBody_IsRefusedWithWhatToDo_AndNothingIsStored(string body, int status, string word) =>
        AssertRefusedAsync(body, status, word);

    [Fact]
    public Task IdOf513Bytes_IsRefused() =>
        AssertRefusedAsync(JsonSerializer.Serialize(new { id = new string('x', 513), vector = new[] { 1, 2, 3, 4 } }), 422, "513");

    [Fact]
    public Task IdOf513BytesInFewerCharacters_IsRefused() =>
        AssertRefusedAsync($$"""{"id":"{{new string('ä', 256)}}x","vector":[1,2,3,4]}""", 422, "513");

    [Fact]
    public async Task HugeNesting_IsRefused()
    {
        await AssertRefusedAsync(Nested, 400, "field 'a'");
        await AssertRefusedAsync(NestedLists, 400, "object");
        await AssertRefusedAsync($$"""{"id":"x","vector":{{NestedLists}}""", 400, "depth");
        await AssertRefusedAsync($$"""{"points":{{NestedLists}}""", 400, "points");
    }

    [Fact]
    public Task HugeNestingInThePayload_IsRefused() =>
        AssertRefusedAsync($$"""{"id":"x","vector":[1,2,3,4],"payload":{{Nested}}""", 400, "depth");

    [Fact]
    public Task PayloadOf51Levels_IsRefused() => AssertRefusedAsync(
        $$"""{"id":"x","vector":[1,2,3,4],"payload":{"a":{{new string('[', 50) + new string(']', 50)}} } }""", 422, "51 levels");

    [Fact]
    public Task TooManyPoints_AreRefusedWithBothNumbers() => AssertRefusedAsync(
        JsonSerializer.Serialize(new
        {
            points = Enumerable.Range(0, 10_001).Select(i => new { id = $"many-{i}", vector = new[] { 1, 2, 3, 4 } }),
        }),
        422, "10001");

    [Fact]
    public Task VectorBeyondAllSizes_IsRefused() => AssertRefusedAsync(
        JsonSerializer.Serialize(new { id = "x", vector = Enumerable.Repeat(1, 65_537) }), 422, "65536");

    [Fact]
    public Task TextOver256KiB_IsRefused() => AssertRefusedAsync(
        JsonSerializer.Serialize(new { id = "x", vector = new[] { 1, 2, 3, 4 }, text = new string('t', 256 * 1024 + 1) }), 422, "262144");

    [Fact]
    public Task PayloadOver256KiB_IsRefused() => AssertRefusedAsync(
        JsonSerializer.Serialize(new { id = "x", vector = new[] { 1, 2, 3, 4 }, payload = new { a = new string('p', 256 * 1024) } }),
        422, "262144");

    async Task AssertRefusedAsync(string body, int status, string word)
    {
        await Api.StoreAsync("refused-first", [1, 2, 3, 4]);
        var before = await Api.CountAsync();
        (await Api.PostAsync("store", body)).ExpectProblem(status, word);
        Assert.Equal(before, await Api.CountAsync());
        (await Api.GetAsync("get/x")).ExpectProblem(404);
        (await Api.GetAsync("get/refused-good")).ExpectProblem(404);
    }
}
