using VectorDb.Cluster.Tests.Processes;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// A small system with texts on whichever broker there is: the one that is named, a container, or a node of this machine.
/// </summary>
public sealed class ChosenBrokerTests(ITestOutputHelper output)
{
    static readonly string[] Texts =
    [
        "A cat sleeps on the warm windowsill.", "The stock market fell sharply on Monday.", "Bake the bread for forty minutes.",
        "The telescope showed the rings of Saturn.", "She scored the winning goal in the last minute.", "Rain is expected in the north.",
    ];

    [Fact]
    public async Task TextsStoredWhileTheirRouterDies_AreFoundByMeaning()
    {
        await using var broker = await RabbitMqBroker.StartAsync();
        output.WriteLine($"RabbitMQ: {broker.Kind}");
        await using var cluster = await ClusterProcesses.StartAsync(
            broker.Address, new() { Apis = 1, Routers = 1, Workers = ["0,1,2,3"] });
        var api = cluster.Doors.Apis[0];
        var router = cluster.Of(RoleKind.Router)[0];
        (await api.PostAsync("store", new { id = 0, text = Texts[0] })).Expect();

        // Accepted means kept: by the broker while there is no router.
        await router.KillAsync();
        foreach (var (id, text) in Texts.Index().Skip(1))
            (await api.PostAsync("store", new { id, text, wait = false })).Expect(System.Net.HttpStatusCode.Accepted);
        router.Start();
        await router.ReadyAsync();
        await Eventually.TrueAsync(
            async () => await api.CountAsync() == Texts.Length, TimeSpan.FromSeconds(60), "every accepted text is stored");

        var found = (await api.PostAsync("search", new { text = "astronomy", top_k = 1, shards_to_search = "all" })).Expect();
        Assert.Equal(3, found["results"][0].GetProperty("id").GetInt32());
    }
}
