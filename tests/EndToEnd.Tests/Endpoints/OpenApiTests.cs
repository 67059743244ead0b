using System.Text.Json;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Whether /openapi.json describes the server as it is.</summary>
[Collection(SharedServer.Name)]
public sealed class OpenApiTests(InProcessServer server)
{
    /// <summary>The document itself, the page that shows it, and what Prometheus reads.</summary>
    static readonly string[] Undescribed = ["/{documentName}.json", "/metrics", "/scalar"];

    static readonly string[] Promised =
    [
        "get /", "post /set_centroids", "post /train", "post /store", "get /get/{id}", "delete /points/{id}", "post /search",
        "post /search/batch", "post /v1/embeddings", "get /healthz", "get /readyz",
        "get /shards/{shard}", "get /shards/{shard}/get/{id}", "get /shards/{shard}/list_ids", "post /shards/{shard}/store",
    ];

    [Fact]
    public async Task EveryEndpoint_IsDescribed()
    {
        var described = (await OperationsAsync()).Select(operation => operation.Name).ToHashSet();
        Assert.Empty(Promised.Except(described));
        var mapped = server.Services.GetServices<EndpointDataSource>().SelectMany(source => source.Endpoints).OfType<RouteEndpoint>()
            .SelectMany(endpoint => (endpoint.Metadata.GetMetadata<HttpMethodMetadata>()?.HttpMethods ?? ["GET"])
                .Select(method => $"{method.ToLowerInvariant()} {PathOf(endpoint)}"))
            .Where(name => !Undescribed.Any(path => name.Contains(' ' + path, StringComparison.Ordinal)));
        Assert.Equal(mapped.Distinct().Order(), described.Order());
    }

    [Fact]
    public async Task EveryOperation_SaysWhatItDoesTakesAndAnswers()
    {
        foreach (var (name, operation) in await OperationsAsync())
        {
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("summary").GetString()), name);
            Assert.False(string.IsNullOrWhiteSpace(operation.GetProperty("operationId").GetString()), name);
            Assert.Contains(operation.GetProperty("responses").EnumerateObject(), response => response.Name == "200");
            var refusals = operation.GetProperty("responses").EnumerateObject().Where(response => response.Name[0] >= '4');
            foreach (var refusal in refusals.Where(_ => name != "get /readyz"))
                Assert.True(
                    refusal.Value.GetProperty("content").TryGetProperty("application/problem+json", out _), $"{name} {refusal.Name}");
            foreach (var part in name.Split('{').Skip(1).Select(rest => rest[..rest.IndexOf('}', StringComparison.Ordinal)]))
                Assert.Contains(operation.GetProperty("parameters").EnumerateArray(), p =>
                    p.GetProperty("name").GetString() == part && p.GetProperty("in").GetString() == "path");
            if (name.StartsWith("post", StringComparison.Ordinal))
            {
                var types = operation.GetProperty("requestBody").GetProperty("content").EnumerateObject().Select(type => type.Name);
                Assert.Equal(["application/json"], types);
            }
        }
    }

    /// <summary>Bodies that the server takes have only fields that the document knows, and of the types that it says.</summary>
    [Theory]
    [InlineData("post /store", """{"id":"o","vector":[1,2,3,4],"text":"t","payload":{"a":1},"wait":true}""")]
    [InlineData("post /store", """{"id":5,"vector":[1,2,3,4]}""")]
    [InlineData("post /store", """{"points":[{"id":5,"vector":[1,2,3,4]},{"id":"o","vector":[1,2,3,4],"text":"t","payload":{}}]}""")]
    [InlineData("post /search", """{"query_vector":[1,2,3,4],"top_k":3,"shards_to_search":2,"with_payload":false,"exact":true}""")]
    [InlineData("post /search", """{"query_vector":[1,2,3,4],"with_vector":true}""")]
    [InlineData("post /search", """{"query_vector":[1,2,3,4],"shards_to_search":"all"}""")]
    [InlineData("post /search/batch", """{"searches":[{"query_vector":[1,2,3,4],"shards_to_search":"auto"}]}""")]
    [InlineData("post /v1/embeddings", """{"model":"all-MiniLM-L6-v2","input":"a","encoding_format":"float","dimensions":384}""")]
    [InlineData("post /v1/embeddings", """{"input":"a","encoding_format":"base64","user":"u"}""")]
    [InlineData("post /v1/embeddings", """{"input":["a","b"]}""")]
    [InlineData("post /shards/{shard}/store", """{"id":"o","vector":[1,2,3,4],"text":"t","payload":{"a":[1]}}""")]
    public async Task BodyThatIsTaken_AndItsAnswer_FitTheDocument(string name, string body)
    {
        var document = (await Api.GetAsync("openapi.json")).Expect();
        var operation = (await OperationsAsync()).Single(operation => operation.Name == name).Operation;
        var schemas = new SchemaReading(document.Json);
        schemas.AssertFits(JsonSerializer.Deserialize<JsonElement>(body), SchemaOf(operation.GetProperty("requestBody")), "body");
        var answer = (await Api.PostAsync(name.Split(" /")[1].Replace("{shard}", "0", StringComparison.Ordinal), body)).Expect();
        if (!body.Contains("points", StringComparison.Ordinal))
            schemas.AssertFits(answer.Json, SchemaOf(operation.GetProperty("responses").GetProperty("200")), "answer");
    }

    [Theory]
    [InlineData("get /", "")]
    [InlineData("get /get/{id}", "get/described")]
    [InlineData("get /readyz", "readyz")]
    [InlineData("get /shards/{shard}", "shards/1/")]
    [InlineData("get /shards/{shard}/get/{id}", "shards/1/get/described")]
    [InlineData("get /shards/{shard}/list_ids", "shards/1/list_ids?limit=1")]
    [InlineData("get /shards/{shard}/list_ids", "shards/1/list_ids?limit=10000")]
    public async Task AnswerOfAGet_FitsTheDocument(string name, string path)
    {
        (await Api.PostAsync("shards/1/store", """{"id":"described","vector":[1,2,3,4],"text":"t","payload":{"a":1}}""")).Expect();
        var document = (await Api.GetAsync("openapi.json")).Expect();
        var operation = (await OperationsAsync()).Single(operation => operation.Name == name).Operation;
        var schema = SchemaOf(operation.GetProperty("responses").GetProperty("200"));
        new SchemaReading(document.Json).AssertFits((await Api.GetAsync(path)).Expect().Json, schema, name);
    }

    Api Api => server.Api;

    static JsonElement SchemaOf(JsonElement bodyOrAnswer) =>
        bodyOrAnswer.GetProperty("content").GetProperty("application/json").GetProperty("schema");

    async Task<List<(string Name, JsonElement Operation)>> OperationsAsync()
    {
        var document = (await Api.GetAsync("openapi.json")).Expect();
        Assert.StartsWith("3.", document["openapi"].GetString(), StringComparison.Ordinal);
        return [.. document["paths"].EnumerateObject().SelectMany(path => path.Value.EnumerateObject()
            .Where(operation => operation.Name != "parameters")
            .Select(operation => ($"{operation.Name} {Trimmed(path.Name)}", operation.Value)))];
    }

    /// <summary>As the document writes it: without the constraints.</summary>
    static string PathOf(RouteEndpoint endpoint) =>
        Trimmed('/' + endpoint.RoutePattern.RawText!.TrimStart('/').Replace(":int", "", StringComparison.Ordinal));

    static string Trimmed(string path) => path.Length > 1 ? path.TrimEnd('/') : path;
}
