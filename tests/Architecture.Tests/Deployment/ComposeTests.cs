using Xunit;

namespace VectorDb.Architecture.Tests.Deployment;

/// <summary>docker-compose.yml holds together; that it runs is tried by tests/compose.sh.</summary>
public sealed class ComposeTests
{
    /// <summary>Not of ours, and not running.</summary>
    const string Broker = "rabbitmq";
    const string Tools = "tools";

    static IEnumerable<KeyValuePair<string, Node>> Running => ComposeFile.Services.Where(service => service.Key != Tools);

    static IEnumerable<KeyValuePair<string, Node>> Roles => Running.Where(service => service.Key != Broker);

    [Fact]
    public void Services_AreThoseOfTheDesign() => Assert.Equal(
        ["ingest", "query", "query-2", "rabbitmq", "shard-0", "shard-1", "shard-2", "shard-3", "tools"],
        ComposeFile.Services.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Services_AreCheckedLimitedAndRestarted() => Assert.All(Running, service =>
    {
        Assert.NotEmpty(service.Value.At("healthcheck/test").Items());
        Assert.NotNull(service.Value.At("deploy/resources/limits/memory").Value);
        Assert.Equal("unless-stopped", $"{service.Value.At("restart")}");
        Assert.NotNull(service.Value.At("stop_grace_period").Value);
    });

    [Fact]
    public void Roles_WaitForTheBroker_AndAreBuiltFromProjectsThatExist() => Assert.All(Roles, service =>
    {
        Assert.Equal("service_healthy", $"{service.Value.At("depends_on/rabbitmq/condition")}");
        Assert.True(Directory.Exists(Repository.FullPath($"src/{service.Value.At("build/args/PROJECT")}")));
        Assert.All(service.Value.At("environment").Children().Keys, Settings.AssertKnown);
    });

    /// <summary>What is asked for health must be what the process listens to.</summary>
    [Fact]
    public void Roles_AreAskedForReadinessWhereTheyListen() => Assert.All(Roles, service =>
    {
        var check = service.Value.At("healthcheck/test").Items();
        Assert.Equal("/readyz", check[^1]);
        Assert.Equal($"http://*:{check[^2]}", $"{service.Value.At("environment/ASPNETCORE_URLS")}");
    });

    [Fact]
    public void Shards_AreAllOwned_EachOnceAndWithItsOwnVolume()
    {
        var shards = Roles.Where(service => service.Key.StartsWith("shard-", StringComparison.Ordinal)).ToList();
        var owned = shards.Select(shard => $"{shard.Value.At("environment/VectorDb__OwnedShards")}").ToList();
        Assert.Equal($"{shards[0].Value.At("environment/VectorDb__Shards")}", $"{owned.Distinct().Count()}");
        Assert.All(shards, shard => Assert.Contains($"{shard.Key}:/data", shard.Value.At("volumes").Items()));
        Assert.All(shards, shard => Assert.Contains(shard.Key, ComposeFile.Read().At("volumes").Children().Keys));
    }

    [Fact]
    public void Tools_StartOnlyWhenCalled_AndSeeEveryShard()
    {
        var tools = ComposeFile.Services[Tools];
        Assert.NotEmpty(tools.At("profiles").Items());
        Assert.All(
            Roles.Where(service => service.Key.StartsWith("shard-", StringComparison.Ordinal)),
            shard => Assert.Contains($"{shard.Key}:/data/{shard.Key}", tools.At("volumes").Items()));
    }

    /// <summary>Otherwise the documented command would need an environment first.</summary>
    [Fact]
    public void Variables_HaveDefaults_AndPortsStayOnThisMachine()
    {
        Assert.All(ComposeFile.Variable().Matches(ComposeFile.Text), match => Assert.Contains(":-", match.Value));
        Assert.All(
            ComposeFile.Services.SelectMany(service => service.Value.At("ports").Items()),
            port => Assert.StartsWith("127.0.0.1:", port));
    }
}
