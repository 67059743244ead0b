using System.Net;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>More at once than the server takes: some are told to come back, and those that are taken are kept.</summary>
public sealed class PressureTests(InProcessServer server) : IClassFixture<InProcessServer>
{
    const int Requests = 9;
    const int PointsEach = 10_000;

    [Fact]
    public async Task MorePointsAtOnceThanAllowed_AreRefusedWithRetryAfter_AndTheOthersAreKept()
    {
        await server.Api.StoreAsync("first", [1, 2]);
        var answers = await Task.WhenAll(Enumerable.Range(0, Requests).Select(request => Task.Run(() => server.Api.PostAsync("store", new
        {
            points = Enumerable.Range(0, PointsEach).Select(i => new { id = $"{request}-{i}", vector = new[] { 1 + request, 1 + i } }),
        }))));
        var refused = answers.Where(answer => answer.Status == HttpStatusCode.TooManyRequests).ToList();
        Assert.NotEmpty(refused);
        Assert.All(refused, answer => Assert.True(
            answer.ExpectProblem(429, "try again").Headers.RetryAfter?.Delta >= TimeSpan.FromSeconds(1)));
        Assert.All(answers.Except(refused), answer => answer.Expect());
        Assert.Equal(1 + PointsEach * (Requests - refused.Count), await server.Api.CountAsync());
        foreach (var (request, answer) in answers.Index())
            Assert.Equal(answer.IsSuccess, (await server.Api.GetAsync($"get/{request}-9999")).IsSuccess);
    }
}
