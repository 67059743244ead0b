using VectorDb.Contracts;
using VectorDb.QueryApi.Endpoints;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class PathIdTests
{
    [Fact]
    public void Digits_MeanTheNumberThenTheString()
    {
        var candidates = PathId.Candidates("05").ToList();
        Assert.Equal([PointIdKind.Number, PointIdKind.String], candidates.Select(id => id.Kind));
        Assert.Equal(["5", "05"], candidates.Select(id => id.ToString()));
    }

    [Theory]
    [InlineData("five", PointIdKind.String)]
    [InlineData("550e8400-e29b-41d4-a716-446655440000", PointIdKind.Uuid)]
    [InlineData("99999999999999999999", PointIdKind.String)]
    public void AnythingElse_MeansItself(string text, PointIdKind kind) =>
        Assert.Equal(kind, Assert.Single(PathId.Candidates(text)).Kind);

    [Fact]
    public void WhatCannotBeAnId_IsOutOfRange()
    {
        var problem = Assert.Throws<ProblemException>(() => PathId.Candidates(new string('a', 513)));
        Assert.Equal(422, problem.Status);
        Assert.Contains("512", problem.Message);
    }

    [Fact]
    public void NotFound_NamesTheId()
    {
        var problem = PathId.NotFound("17");
        Assert.Equal(404, problem.Status);
        Assert.Contains("17", problem.Message);
    }
}
