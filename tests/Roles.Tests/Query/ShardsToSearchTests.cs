using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Roles.Tests;

public sealed class ShardsToSearchTests
{
    [Theory]
    [InlineData("1", 1)]
    [InlineData("1024", 1024)]
    [InlineData("\"all\"", SearchQuestion.AllShards)]
    [InlineData("\"auto\"", SearchQuestion.AutoShards)]
    public void NumberAllOrAuto_IsReadAndWrittenAlike(string json, int value)
    {
        Assert.Equal(value, JsonSerializer.Deserialize<ShardsToSearch>(json).Value);
        Assert.Equal(json, JsonSerializer.Serialize(new ShardsToSearch(value)));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("3000000000")]
    [InlineData("\"ALL\"")]
    [InlineData("\"2\"")]
    [InlineData("true")]
    [InlineData("[1]")]
    [InlineData("null")]
    public void AnythingElse_IsOutOfRangeAndSaysWhatToGive(string json) => Assert.Contains(
        "a whole number from 1, \"all\" or \"auto\"",
        Assert.Throws<ValueOutOfRangeException>(() => JsonSerializer.Deserialize<ShardsToSearch>(json)).Message);
}
