using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.QueryApi.Endpoints;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

/// <summary>What the API refuses before a message exists, and what it says.</summary>
public sealed class RequestChecksTests
{
    static readonly RouterAnnounced Router =
        new() { Instance = Guid.NewGuid(), Model = "m", ModelChecksum = new string('c', 64), Dimensions = 4, MaxTokens = 8 };

    readonly ClusterView _view = new(new VectorDbOptions(), TimeProvider.System);

    [Theory]
    [InlineData("{}", 400, "There is no id")]
    [InlineData("{\"id\":1,\"points\":[]}", 400, "not both")]
    [InlineData("{\"points\":[]}", 422, "0 points; give 1 to 10000")]
    [InlineData("{\"points\":[null]}", 400, "null")]
    [InlineData("{\"id\":1}", 422, "The point 1 has neither vector nor text")]
    [InlineData("{\"id\":\"a\",\"vector\":[]}", 422, "The point a has an empty vector")]
    [InlineData("{\"id\":1,\"vector\":[1],\"payload\":5}", 422, "give a JSON object")]
    [InlineData("{\"points\":[{\"id\":1,\"vector\":[1]},{\"id\":2}]}", 422, "points[1] (id 2) has neither")]
    [InlineData("{\"points\":[{\"id\":1,\"vector\":[1]},{\"id\":2}]}", 422, "None of the 2 points was stored")]
    public void WrongStore_IsRefused(string json, int status, string detail) => AssertRefused(
        () => StoreRequest.CheckAlone(StoreRequest.Points(JsonSerializer.Deserialize<StoreBody>(json, HttpJson.Options)!)), status, detail);

    [Fact]
    public void MoreThan10000Points_AreRefused() => AssertRefused(
        () => StoreRequest.Points(new() { Points = [.. Enumerable.Repeat(Point([1]), 10_001)] }), 422, "10001 points");

    [Fact]
    public void FirstStoreWithVectorsOfTwoSizes_IsRefused() => AssertRefused(
        () => StoreRequest.CheckSizes([Point([1, 2]), Point([1, 2, 3])], _view), 422, "points[1]");

    [Fact]
    public void FirstStoreWithTextsAndVectors_NeedsVectorsOfTheModelsSize()
    {
        AssertRefused(() => StoreRequest.CheckSizes([Point([1, 2, 3]), Text("a")], _view), 503, "try again");
        _view.Note(Router);
        AssertRefused(() => StoreRequest.CheckSizes([Point([1, 2, 3]), Text("a")], _view), 422, "vectors of 4");
        StoreRequest.CheckSizes([Point([1, 2, 3, 4]), Text("a")], _view);
    }

    [Fact]
    public void StoreIntoACollection_IsCheckedAgainstItsSizeAndModel()
    {
        var state = Wire.State(4);
        AssertRefused(() => StoreRequest.CheckAgainst([Point([1, 2])], state, Router), 422, "vectors of 3");
        AssertRefused(() => StoreRequest.CheckAgainst([Point([0, 0, 0])], state, Router), 422, "no direction");
        AssertRefused(() => StoreRequest.CheckAgainst([Text("a")], state, Router), 422, "the model m makes vectors of 4");
        AssertRefused(() => StoreRequest.CheckAgainst([Text("a")], state, null), 503, "try again");
        StoreRequest.CheckAgainst([Point([1, 2, 3])], state, null);
    }

    [Fact]
    public void Points_BecomeMessagesInOrder()
    {
        var messages = StoreRequest.ToMessages([Point([1, 2]), Text("größe")]);
        Assert.Equal([0, 1], messages.Select(message => message.Ordinal));
        Assert.Equal(Wire.Vector(1, 2), messages[0].Vector);
        Assert.Null(messages[1].Vector);
        Assert.Equal("größe", messages[1].Text);
    }

    [Theory]
    [InlineData("{}", 422, "neither query_vector nor text")]
    [InlineData("{\"text\":\"a\",\"query_vector\":[1]}", 422, "both query_vector and text")]
    [InlineData("{\"text\":\"a\",\"top_k\":0}", 422, "top_k 0; give 1 to 10000")]
    [InlineData("{\"text\":\"a\",\"top_k\":10001}", 422, "top_k 10001")]
    [InlineData("{\"text\":\"a\",\"filter\":{}}", 422, "filter")]
    [InlineData("{\"query_vector\":[]}", 422, "empty vector")]
    [InlineData("{\"query_vector\":[1,2]}", 422, "vectors of 3")]
    [InlineData("{\"query_vector\":[0,0,0]}", 422, "no direction")]
    [InlineData("{\"text\":\"a\"}", 422, "the model m makes vectors of 4")]
    public void WrongSearch_IsRefused(string json, int status, string detail)
    {
        _view.Note(Wire.State(4));
        _view.Note(Router);
        var body = JsonSerializer.Deserialize<SearchBody>(json, HttpJson.Options)!;
        AssertRefused(() => SearchChecks.Check(body, _view, "The search"), status, detail);
        AssertRefused(() => SearchChecks.CheckBatch([new() { QueryVector = [1, 2, 3] }, body], _view), status, "searches[1] ");
    }

    [Fact]
    public void TextOfMoreThanTheLimit_IsRefused() => AssertRefused(
        () => SearchChecks.Check(new() { Text = new('é', 131_073) }, _view, "The search"), 422, "262144 bytes");

    [Fact]
    public void BatchOfSearches_HasLimits()
    {
        var search = new SearchBody { QueryVector = [1], TopK = 10_000 };
        AssertRefused(() => SearchChecks.CheckBatch([], _view), 422, "0 searches");
        AssertRefused(() => SearchChecks.CheckBatch([.. Enumerable.Repeat(search, 1_001)], _view), 422, "1001 searches");
        AssertRefused(() => SearchChecks.CheckBatch([.. Enumerable.Repeat(search, 11)], _view), 422, "110000 results");
        AssertRefused(() => SearchChecks.CheckBatch([null!], _view), 400, "searches[0] is null");
        SearchChecks.CheckBatch([.. Enumerable.Repeat(search, 10)], _view);
    }

    [Fact]
    public void SearchBeforeThereIsACollection_IsFine() => SearchChecks.Check(new() { QueryVector = [1] }, _view, "The search");

    static void AssertRefused(Action check, int status, string detail)
    {
        var problem = Assert.Throws<ProblemException>(check);
        Assert.Equal(status, problem.Status);
        Assert.Contains(detail, problem.Message);
    }

    static PointInput Point(float[] vector) => new() { Id = PointId.From(1), Vector = vector };

    static PointInput Text(string text) => new() { Id = PointId.From(1), Text = text };
}
