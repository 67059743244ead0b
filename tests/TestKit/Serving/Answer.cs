using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using Xunit;

namespace VectorDb.TestKit.Serving;

/// <summary>What a server answered, read to its end.</summary>
public sealed record Answer(HttpStatusCode Status, string? MediaType, string Body, HttpResponseHeaders Headers)
{
    JsonElement? _json;

    public JsonElement Json => _json ??= JsonSerializer.Deserialize<JsonElement>(Body);

    public JsonElement this[string name] => Json.GetProperty(name);

    public bool IsSuccess => (int)Status is >= 200 and < 300;

    public static async Task<Answer> ReadAsync(HttpResponseMessage response, CancellationToken cancellationToken) => new(
        response.StatusCode,
        response.Content.Headers.ContentType?.MediaType,
        await response.Content.ReadAsStringAsync(cancellationToken),
        response.Headers);

    /// <summary>The body of a success; fails the test with the server's words otherwise.</summary>
    public Answer Expect(HttpStatusCode status = HttpStatusCode.OK)
    {
        Assert.True(Status == status, $"Expected {(int)status}, got {(int)Status}: {Body}");
        return this;
    }

    /// <summary>RFC 9457 problem details of this status whose detail has all these words.</summary>
    public Answer ExpectProblem(int status, params string[] words)
    {
        Assert.True((int)Status == status, $"Expected {status}, got {(int)Status}: {Body}");
        Assert.Equal("application/problem+json", MediaType);
        Assert.Equal(status, this["status"].GetInt32());
        var detail = this["detail"].GetString()!;
        // A status phrase such as "Bad Request" alone tells nobody what to do.
        Assert.True(detail.Length > 25, $"The detail says too little: {detail}");
        foreach (var word in words)
            Assert.Contains(word, detail, StringComparison.OrdinalIgnoreCase);
        return this;
    }
}
