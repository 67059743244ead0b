using CsCheck;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker.Endpoints;

namespace VectorDb.Roles.Tests;

public sealed class PathIdsTests
{
    [Theory]
    [InlineData("5")]
    [InlineData("\"5\"")]
    [InlineData("\"\"5\"\"")]
    [InlineData("\"")]
    [InlineData("\"\"")]
    [InlineData("\"a\"")]
    [InlineData("a")]
    public void TextOfAnId_IsReadBackAsThatId(string text)
    {
        var id = PointId.DigitsAsText(text) ?? PointId.FromText(text);
        Assert.Equal(id, PathIds.Exact(PathIds.Text(id)));
    }

    [Fact]
    public void NumbersAndUuids_AreReadBack() => Gen.Select(Gen.ULong, Gen.Guid).Sample((number, uuid) =>
    {
        Assert.Equal(PointId.From(number), PathIds.Exact(PathIds.Text(PointId.From(number))));
        Assert.Equal(PointId.From(uuid), PathIds.Exact(PathIds.Text(PointId.From(uuid))));
    });

    [Fact]
    public void WhatCannotBeAnId_IsOutOfRange() =>
        Assert.Equal(422, Assert.Throws<ProblemException>(() => PathIds.Exact("")).Status);
}
