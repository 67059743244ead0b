using System.Net;
using System.Net.Sockets;
using System.Text;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>HTTP itself: methods, paths, old versions.</summary>
[Collection(SharedServer.Name)]
public sealed class ProtocolTests(InProcessServer server)
{
    [Theory]
    [InlineData("GET", "store", "POST")]
    [InlineData("PUT", "store", "POST")]
    [InlineData("GET", "search", "POST")]
    [InlineData("DELETE", "search/batch", "POST")]
    [InlineData("POST", "get/1", "GET")]
    [InlineData("DELETE", "get/1", "GET")]
    [InlineData("GET", "points/1", "DELETE")]
    [InlineData("GET", "set_centroids", "POST")]
    [InlineData("GET", "train", "POST")]
    [InlineData("GET", "v1/embeddings", "POST")]
    [InlineData("POST", "", "GET")]
    [InlineData("POST", "healthz", "GET")]
    [InlineData("POST", "readyz", "GET")]
    [InlineData("GET", "shards/0/store", "POST")]
    [InlineData("POST", "shards/0/list_ids", "GET")]
    public async Task WrongMethod_IsToldTheRightOne(string method, string path, string right) =>
        (await server.Api.SendAsync(new(new HttpMethod(method), new Uri(server.Api.Address, path)))).ExpectProblem(405, right);

    [Theory]
    [InlineData("nothing")]
    [InlineData("get")]
    [InlineData("store/1")]
    [InlineData("get/1/2")]
    [InlineData("shards/x")]
    [InlineData("Store2")]
    public async Task UnknownPath_IsToldWhereTheListIs(string path) =>
        (await server.Api.GetAsync(path)).ExpectProblem(404, "/openapi.json");

    [Theory]
    [InlineData("shards/4/")]
    [InlineData("shards/-1/")]
    [InlineData("shards/4/get/1")]
    [InlineData("shards/1000000/list_ids")]
    public async Task UnknownShard_IsToldWhereTheShardsAre(string path) => (await server.Api.GetAsync(path)).ExpectProblem(404, "GET /");

    [Fact]
    public async Task Http10_IsAnswered()
    {
        var answer = await RawAsync("GET /healthz HTTP/1.0\r\n\r\n");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
        Assert.EndsWith("ok\n", answer, StringComparison.Ordinal);
        const string body = """{"id":"old","vector":[1,2,3,4]}""";
        answer = await RawAsync($"POST /store HTTP/1.0\r\nContent-Length: {body.Length}\r\n\r\n{body}");
        Assert.StartsWith("HTTP/1.1 200", answer, StringComparison.Ordinal);
    }

    [Fact]
    public async Task PostWithoutAnyBody_IsToldToSendOne()
    {
        foreach (var path in new[] { "store", "search", "search/batch", "set_centroids", "v1/embeddings", "shards/0/store" })
            (await server.Api.SendAsync(new(HttpMethod.Post, new Uri(server.Api.Address, path)))).ExpectProblem(400, "empty");
    }

    [Theory]
    [InlineData("NOT HTTP AT ALL\r\n\r\n", "400")]
    [InlineData("GET /get/%00 HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("GET /get/%FF HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "404")]
    [InlineData("POST /store HTTP/1.1\r\nHost: x\r\nContent-Length: -5\r\nConnection: close\r\n\r\n", "400")]
    [InlineData("POST /store HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\nzz\r\n", "400")]
    public async Task BrokenRequest_IsRefused(string request, string status) =>
        Assert.StartsWith($"HTTP/1.1 {status}", await RawAsync(request), StringComparison.Ordinal);

    [Fact]
    public async Task ClientThatGoesAwayInTheMiddle_LeavesNothingBehind()
    {
        await server.Api.StoreAsync("stays", [1, 2, 3, 4]);
        var before = await server.Api.CountAsync();
        using (var client = await ConnectAsync())
            await client.GetStream().WriteAsync(Encoding.UTF8.GetBytes(
                "POST /store HTTP/1.1\r\nHost: x\r\nContent-Length: 500\r\n\r\n{\"points\":[{\"id\":\"half\",\"vector\":[1,2,3,4]}"), Stop);
        Assert.Equal(before, await server.Api.CountAsync());
        (await server.Api.GetAsync("get/half")).ExpectProblem(404);
    }

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    async Task<string> RawAsync(string request)
    {
        using var client = await ConnectAsync();
        var stream = client.GetStream();
        await stream.WriteAsync(Encoding.UTF8.GetBytes(request), Stop);
        using var reader = new StreamReader(stream, Encoding.UTF8);
        return await reader.ReadToEndAsync(Stop).WaitAsync(TimeSpan.FromSeconds(30), Stop);
    }

    async Task<TcpClient> ConnectAsync()
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, server.Api.Address.Port, Stop);
        return client;
    }
}
