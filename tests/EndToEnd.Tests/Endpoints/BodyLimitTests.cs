using System.Net;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>Bodies around 64 MB, whether they say their size or not.</summary>
[Collection(SharedServer.Name)]
public sealed class BodyLimitTests(InProcessServer server)
{
    const int TooLarge = 65 * 1024 * 1024;

    static readonly string[] Paths = ["store", "search", "search/batch", "train", "set_centroids", "v1/embeddings", "shards/0/store"];

    public static TheoryData<string, bool> Ways => new(Paths.SelectMany(path => new (string, bool)[] { (path, false), (path, true) }));

    [Theory]
    [MemberData(nameof(Ways))]
    public async Task BodyOf65MB_IsTooLarge(string path, bool isChunked)
    {
        await server.Api.StoreAsync("large-first", [1, 2, 3, 4]);
        var before = await server.Api.CountAsync();
        using var content = new SpaciousBody(TooLarge, isChunked);
        var answer = await server.Api.SendAsync(new(HttpMethod.Post, new Uri(server.Api.Address, path))
        {
            Content = content,
            // The server closes the connection of a body that it does not read; nobody else should be on it.
            Headers = { ExpectContinue = true, ConnectionClose = true },
        });
        answer.ExpectProblem(413, "64 MB");
        Assert.Equal(before, await server.Api.CountAsync());
    }

    [Fact]
    public async Task BodyJustWithinTheLimit_IsTaken()
    {
        using var content = new SpaciousBody(64 * 1024 * 1024, isChunked: false);
        (await server.Api.SendAsync(new(HttpMethod.Post, new Uri(server.Api.Address, "store")) { Content = content })).Expect();
        (await server.Api.GetAsync("get/spacious")).Expect();
    }

    /// <summary>White space until the body has its size, and a point at its end: nothing can be refused before it is read.</summary>
    sealed class SpaciousBody(int bytes, bool isChunked) : HttpContent
    {
        static readonly byte[] Point = """{"id":"spacious","vector":[1,2,3,4]}"""u8.ToArray();

        static readonly byte[] Space = [.. Enumerable.Repeat((byte)' ', 1 << 16)];

        protected override async Task SerializeToStreamAsync(Stream stream, TransportContext? context)
        {
            for (var left = bytes - Point.Length; left > 0; left -= Space.Length)
                await stream.WriteAsync(Space.AsMemory(0, Math.Min(left, Space.Length)));
            await stream.WriteAsync(Point);
        }

        protected override bool TryComputeLength(out long length)
        {
            length = bytes;
            return !isChunked;
        }
    }
}
