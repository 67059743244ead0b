using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using System.Text.Json;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>OpenAI's embeddings endpoint.</summary>
[Collection(SharedServer.Name)]
public sealed class EmbeddingTests(InProcessServer server)
{
    [Fact]
    public async Task OneText_GivesOneVectorOfLengthOne()
    {
        var answer = (await EmbedAsync("""{"model":"all-MiniLM-L6-v2","input":"hello world","user":"someone"}""")).Expect();
        Assert.Equal("list", answer["object"].GetString());
        Assert.Equal("all-MiniLM-L6-v2", answer["model"].GetString());
        var only = Assert.Single(answer["data"].EnumerateArray());
        Assert.Equal("embedding", only.GetProperty("object").GetString());
        Assert.Equal(0, only.GetProperty("index").GetInt32());
        var vector = only.GetProperty("embedding").Deserialize<float[]>()!;
        Assert.Equal(384, vector.Length);
        Assert.Equal(1, TensorPrimitives.Norm<float>(vector), 1e-5);
    }

    [Fact]
    public async Task ListOfTexts_GivesOneVectorEachInOrder_AndBase64TheSameNumbers()
    {
        const string input = """["cats","a much longer sentence about the weather in November","cats"]""";
        var floats = (await EmbedAsync($$"""{"input":{{input}},"encoding_format":"float"}""")).Expect();
        var base64 = (await EmbedAsync($$"""{"input":{{input}},"encoding_format":"base64"}""")).Expect();
        Assert.Equal([0, 1, 2], floats["data"].EnumerateArray().Select(item => item.GetProperty("index").GetInt32()));
        for (var i = 0; i < 3; i++)
        {
            var bytes = base64["data"][i].GetProperty("embedding").GetBytesFromBase64();
            Assert.Equal(VectorAt(floats, i), MemoryMarshal.Cast<byte, float>(bytes).ToArray());
        }
        Assert.Equal(VectorAt(floats, 0), VectorAt(floats, 2));
        Assert.NotEqual(VectorAt(floats, 0), VectorAt(floats, 1));
    }

    [Fact]
    public async Task Usage_CountsWhatTheModelRead()
    {
        // [CLS] hello world [SEP]; [CLS] [SEP]; and a text that is cut at 256.
        var tooLong = string.Join(' ', Enumerable.Repeat("word", 1_000));
        var answer = (await server.Api.PostAsync("v1/embeddings", new { input = new[] { "hello world", "", tooLong } })).Expect();
        Assert.Equal(4 + 2 + 256, answer["usage"].GetProperty("prompt_tokens").GetInt32());
        Assert.Equal(4 + 2 + 256, answer["usage"].GetProperty("total_tokens").GetInt32());
    }

    [Fact]
    public async Task Usage_EqualsTheReferencesTokens()
    {
        var lines = File.ReadLines(RepositoryFiles.SharedOrSkip("tokens.jsonl")).Take(100)
            .Select(line => JsonSerializer.Deserialize<JsonElement>(line)).ToList();
        var texts = lines.ConvertAll(line => line.GetProperty("text").GetString());
        var tokens = lines.Sum(line => line.GetProperty("all-MiniLM-L6-v2").GetArrayLength());
        var answer = (await server.Api.PostAsync("v1/embeddings", JsonSerializer.Serialize(new { input = texts }))).Expect();
        Assert.Equal(tokens, answer["usage"].GetProperty("prompt_tokens").GetInt32());
    }

    [Theory]
    [InlineData("", 400, "empty")]
    [InlineData("{}", 400, "input")]
    [InlineData("""{"input":null}""", 400, "input")]
    [InlineData("""{"input":5}""", 400, "input")]
    [InlineData("""{"input":{}}""", 400, "input")]
    [InlineData("""{"input":[1,2,3]}""", 400, "input")]
    [InlineData("""{"input":["a",null]}""", 400, "input")]
    [InlineData("""{"input":[]}""", 422, "0 texts")]
    [InlineData("""{"input":"\ud800"}""", 400, "Unicode")]
    [InlineData("""{"input":["fine","\udfff"]}""", 400, "Unicode")]
    [InlineData("""{"input":"a","model":"gpt-9"}""", 404, "all-MiniLM-L6-v2")]
    [InlineData("""{"input":"a","model":5}""", 400, "model")]
    [InlineData("""{"input":"a","encoding_format":"int8"}""", 422, "base64")]
    [InlineData("""{"input":"a","dimensions":100}""", 422, "384")]
    [InlineData("""{"input":"a","inputs":"b"}""", 400, "inputs")]
    public async Task WrongRequest_IsRefusedWithWhatToDo(string body, int status, string word) =>
        (await EmbedAsync(body)).ExpectProblem(status, word);

    [Fact]
    public async Task TooManyOrTooLongTexts_AreRefused()
    {
        (await server.Api.PostAsync("v1/embeddings", new { input = Enumerable.Repeat("a", 2_049) })).ExpectProblem(422, "2049");
        (await server.Api.PostAsync("v1/embeddings", new { input = new string('a', 256 * 1024 + 1) })).ExpectProblem(422, "262144");
    }

    Task<Answer> EmbedAsync(string body) => server.Api.PostAsync("v1/embeddings", body);

    static float[] VectorAt(Answer answer, int index) => answer["data"][index].GetProperty("embedding").Deserialize<float[]>()!;
}
