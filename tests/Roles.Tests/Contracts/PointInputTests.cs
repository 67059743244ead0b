using System.Text.Json;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class PointInputTests
{
    [Fact]
    public void PointWithVectorOrText_IsFine()
    {
        Assert.Null(Point(vector: [1]).Problem());
        Assert.Null(Point(text: "").Problem());
        Assert.Null(Point(vector: [1], text: "both", payload: "{\"a\":[1,2]}").Problem());
    }

    [Fact]
    public void PointWithNeither_SaysWhatToGive() => Assert.Contains("give one of them", Point().Problem());

    [Theory]
    [InlineData(256 * 1024, true)]
    [InlineData((256 * 1024) + 1, false)]
    public void Text_HasALimitInBytes(int bytes, bool isFine)
    {
        Assert.Equal(isFine, Point(text: new string('a', bytes)).Problem() is null);
        Assert.Equal(isFine, Point(text: new string('é', bytes / 2) + new string('a', bytes % 2)).Problem() is null);
    }

    [Fact]
    public void Payload_HasALimitInBytes()
    {
        var limit = (256 * 1024) - "{\"a\":\"\"}".Length;
        Assert.Null(Point([1], payload: $"{{\"a\":\"{new string('x', limit)}\"}}").Problem());
        Assert.Contains("262145 bytes", Point([1], payload: $"{{ \"a\" : \"{new string('x', limit + 1)}\" }}").Problem());
    }

    [Theory]
    [InlineData("[1]", "array")]
    [InlineData("\"a\"", "string")]
    [InlineData("5", "number")]
    public void PayloadThatIsNoObject_IsNamed(string payload, string kind) =>
        Assert.Contains(kind, Point([1], payload: payload).Problem());

    [Fact]
    public void Payload_IsKeptAsCompactJson()
    {
        Assert.Equal("{\"größe\":1.50,\"b\":[null]}", Point([1], payload: "{ \"größe\": 1.50, \"b\": [ null ] }").PayloadJson());
        Assert.Null(Point([1], payload: "null").PayloadJson());
        Assert.Null(Point([1]).PayloadJson());
    }

    static PointInput Point(float[]? vector = null, string? text = null, string? payload = null) => new()
    {
        Id = PointId.From(1),
        Vector = vector,
        Text = text,
        Payload = payload is null ? null : JsonSerializer.Deserialize<JsonElement>(payload),
    };
}
