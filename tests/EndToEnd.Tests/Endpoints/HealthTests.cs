using System.Text.RegularExpressions;
using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using VectorDb.EndToEnd.Tests.Serving;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Endpoints;

/// <summary>What monitors and people look at: health, metrics, the status, the page to try things.</summary>
[Collection(SharedServer.Name)]
public sealed class HealthTests(InProcessServer server)
{
    Api Api => server.Api;

    [Fact]
    public async Task Healthz_SaysOk() => Assert.Equal("ok\n", (await Api.GetAsync("healthz")).Expect().Body);

    [Fact]
    public async Task Readyz_SaysThatNothingIsLacking()
    {
        var answer = (await Api.GetAsync("readyz")).Expect();
        Assert.True(answer["ready"].GetBoolean());
        Assert.Equal(0, answer["reasons"].GetArrayLength());
    }

    [Fact]
    public async Task Metrics_AreInPrometheusForm_AndCountRequests()
    {
        await Api.GetAsync("healthz");
        await Eventually.TrueAsync(
            async () =>
            {
                var text = (await Api.GetAsync("metrics")).Expect().Body;
                return text.Contains("# TYPE http_server_request_duration_seconds histogram", StringComparison.Ordinal)
                    && text.Contains("http_route=\"/healthz\"", StringComparison.Ordinal);
            },
            TimeSpan.FromSeconds(20), "the request is counted");
    }

    [Fact]
    public async Task Status_NamesEverythingThatRuns()
    {
        await Api.StoreAsync("status", [1, 2, 3, 4]);
        var status = (await Api.GetAsync("")).Expect();
        Assert.Equal("VectorDb", status["name"].GetString());
        Assert.Matches(@"^\d+\.\d+\.\d+$", status["version"].GetString());
        Assert.True(status["ready"].GetBoolean());
        Assert.Equal("ready", status["health"].GetString());
        Assert.Equal("InMemory", status["transport"].GetString());
        Assert.Equal(("all-MiniLM-L6-v2", 384, 256), (status["model"].GetProperty("name").GetString(),
            status["model"].GetProperty("dimensions").GetInt32(), status["model"].GetProperty("max_tokens").GetInt32()));
        Assert.Equal(("default", 4, "Cosine"), (status["collection"].GetProperty("name").GetString(),
            status["collection"].GetProperty("dimensions").GetInt32(), status["collection"].GetProperty("metric").GetString()));
        var shards = status["shards"].EnumerateArray().ToList();
        Assert.Equal([0, 1, 2, 3], shards.Select(shard => shard.GetProperty("shard").GetInt32()));
        Assert.All(shards, shard => Assert.Equal("ready", shard.GetProperty("health").GetString()));
        Assert.Equal(status["points"].GetInt64(), shards.Sum(shard => shard.GetProperty("points").GetInt64()));
    }

    [Fact]
    public void UseOfTheServer_IsReportedToNobody() =>
        Assert.False(server.Services.GetRequiredService<IOptions<UsageTelemetryOptions>>().Value.Enabled);

    [Fact]
    public async Task PageToTryThings_LoadsFromThisServerAlone()
    {
        var page = (await Api.GetAsync("scalar/")).Expect();
        Assert.Equal("text/html", page.MediaType);
        var sources = Regex.Matches(page.Body, "(?:src|href)=\"([^\"]+)\"")
            .Select(match => match.Groups[1].Value).ToList();
        Assert.NotEmpty(sources);
        Assert.All(sources, source => Assert.DoesNotContain("//", source, StringComparison.Ordinal));
        Assert.DoesNotContain("https://cdn", page.Body, StringComparison.OrdinalIgnoreCase);
        foreach (var source in sources.Where(source => source.EndsWith(".js", StringComparison.Ordinal)))
        {
            var path = new Uri(new Uri(Api.Address, "scalar/"), source).PathAndQuery.TrimStart('/');
            Assert.True((await Api.GetAsync(path)).Expect().Body.Length > 1_000, $"{source} is no script");
        }
    }
}
