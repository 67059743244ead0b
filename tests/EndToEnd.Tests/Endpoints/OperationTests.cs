using System.Net;
using VectorDb.Contracts;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>The fate of writes whose callers did not wait.</summary>
[Collection(SharedServer.Name)]
public sealed class OperationTests(InProcessServer server)
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    Api Api => server.Api;

    [Fact]
    public async Task StoreThatDidNotWait_SaysWhereItsFateIsAndItIsDone()
    {
        var points = Enumerable.Range(1, 150).Select(i => new { id = $"later-{i}", vector = new[] { 1f, i, 0, 0 } });
        var accepted = (await Api.PostAsync("store", new { points, wait = false })).Expect(HttpStatusCode.Accepted);
        var path = $"operations/{accepted["operation"].GetString()}";
        Assert.Equal($"/{path}", accepted.Headers.Location?.OriginalString);
        await Eventually.TrueAsync(async () => (await Api.GetAsync(path)).Expect()["done"].GetBoolean(), Patience, "it is done");
        var fate = (await Api.GetAsync(path)).Expect();
        Assert.Equal(
            (150, 150, 0, 0),
            (Number(fate, "points"), Number(fate, "stored"), Number(fate, "rejected"), Number(fate, "pending")));
        Assert.Equal(accepted["operation"].GetString(), fate["operation"].GetString());
        Assert.Equal(0, fate["rejections"].GetArrayLength());
        Assert.False(fate.Json.TryGetProperty("lost", out _));
        (await Api.GetAsync("get/later-150")).Expect();
    }

    [Fact]
    public async Task FromBeforeTheStartOfTheProcess_IsLostAndNotPending()
    {
        var fate = (await Api.GetAsync($"operations/{OperationId.New(3, DateTimeOffset.UtcNow.AddHours(-1))}")).Expect();
        Assert.Equal((3, 3, 0), (Number(fate, "points"), Number(fate, "lost"), Number(fate, "pending")));
        Assert.True(fate["done"].GetBoolean());
    }

    [Fact]
    public async Task OtherIds_AreNotFound()
    {
        (await Api.GetAsync($"operations/{Guid.NewGuid()}")).ExpectProblem(404, "202");
        (await Api.GetAsync("operations/5")).ExpectProblem(404, "UUID");
        (await Api.GetAsync($"operations/{OperationId.New(1, DateTimeOffset.UtcNow.AddDays(-8))}")).ExpectProblem(404, "7 days");
        (await Api.GetAsync($"operations/{OperationId.New(1, DateTimeOffset.UtcNow)}?limit=0")).ExpectProblem(422, "limit");
    }

    static int Number(Answer answer, string name) => answer[name].GetInt32();
}

/// <summary>The same, over a restart.</summary>
public sealed class OperationRestartTests
{
    [Fact]
    public async Task WhatIsStored_IsStillKnownAfterTheProcessWasKilled()
    {
        await using var server = await RunningServer.StartNewAsync();
        var points = Enumerable.Range(1, 20).Select(i => new { id = i, vector = new[] { 1f, i } });
        var accepted = (await server.Api.PostAsync("store", new { points, wait = false })).Expect(HttpStatusCode.Accepted);
        var path = $"operations/{accepted["operation"].GetString()}";
        await Eventually.TrueAsync(
            async () => (await server.Api.GetAsync(path)).Expect()["done"].GetBoolean(), TimeSpan.FromSeconds(30), "it is done");
        await server.KillAsync();
        await server.StartAsync();
        var fate = (await server.Api.GetAsync(path)).Expect();
        Assert.Equal((20, 0), (fate["stored"].GetInt32(), fate["pending"].GetInt32()));
    }
}
