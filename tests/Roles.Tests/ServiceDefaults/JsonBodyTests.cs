using System.Text;
using Microsoft.AspNetCore.Http;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class JsonBodyTests
{
    [Fact]
    public async Task Body_IsReadWhateverItsContentType()
    {
        var body = await BindAsync("{\"id\":5,\"vector\":[1,2.5],\"payload\":{\"a\":1}}", "application/x-www-form-urlencoded");
        Assert.Equal("5", body.Id.ToString());
        Assert.Equal([1, 2.5f], body.Vector!);
        Assert.True(body.Wait);
    }

    [Theory]
    [InlineData("", 400, "The body is empty")]
    [InlineData("null", 400, "The body is null")]
    [InlineData("{\"id\":1", 400, "line 1, byte 8")]
    [InlineData("{\"id\":1,}", 400, "line 1")]
    [InlineData("hello", 400, "not valid JSON")]
    [InlineData("[1]", 400, "The body must be an object")]
    [InlineData("{\"vectr\":[1]}", 400, "Unknown field 'vectr'")]
    [InlineData("{\"Vector\":[1]}", 400, "Unknown field 'Vector'")]
    [InlineData("{\"points\":[{\"id\":1,\"colour\":2}]}", 400, "colour")]
    [InlineData("{\"points\":[{\"vector\":[1]}]}", 400, "missing")]
    [InlineData("{\"vector\":\"[1,2]\"}", 400, "Field 'vector'")]
    [InlineData("{\"vector\":[\"1\"]}", 400, "Field 'vector[0]'")]
    [InlineData("{\"vector\":[NaN]}", 400, "not valid JSON")]
    [InlineData("{\"wait\":1}", 400, "must be true or false")]
    [InlineData("{\"text\":5}", 400, "must be a string")]
    [InlineData("{\"id\":-1}", 422, "'id'")]
    [InlineData("{\"id\":\"\"}", 422, "must not be empty")]
    public async Task WrongBody_IsAnsweredWithWhatIsWrong(string json, int status, string detail)
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => BindAsync(json));
        Assert.Equal(status, problem.Status);
        Assert.Contains(detail, problem.Message);
    }

    [Fact]
    public async Task HalfOfASurrogatePair_IsMalformed()
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => BindAsync("{\"text\":\"\\ud83d\"}"));
        Assert.Equal(400, problem.Status);
        Assert.Contains("Unicode", problem.Message);
    }

    [Fact]
    public async Task UnknownField_IsAnsweredWithTheKnownOnes()
    {
        var problem = await Assert.ThrowsAsync<ProblemException>(() => BindAsync("{\"x\":1}"));
        Assert.EndsWith("Fields: id, vector, text, payload, points, wait.", problem.Message);
    }

    static async Task<StoreBody> BindAsync(string json, string contentType = "application/json")
    {
        var context = new DefaultHttpContext();
        context.Request.Body = new MemoryStream(Encoding.UTF8.GetBytes(json));
        context.Request.ContentType = contentType;
        return (await JsonBody<StoreBody>.BindAsync(context))!.Value;
    }
}
