using RabbitMQ.Client;
using VectorDb.Cluster.Tests.Faults;

namespace VectorDb.Cluster.Tests;

/// <summary>What cannot be handled is set aside where a person finds it, and what comes after it is handled.</summary>
[Collection(SharedCluster.Name)]
public sealed class PoisonTests(SharedCluster setup, ITestOutputHelper output)
{
    /// <summary>Retries take three seconds; the rest is for a busy machine.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    [Fact]
    public async Task PoisonInEveryQueue_IsSetAsideAndTheQueuesMove()
    {
        output.WriteLine($"VECTORDB_SEED={FirstSeed.Value}");
        var api = setup.Cluster.Doors.Apis[0];
        await api.StoreAsync(1, Vector(1));
        var before = await setup.Broker.QueuesAsync();
        await Poison.SendAsync(setup.Broker.Address, new Random(FirstSeed.Value));
        var unreadable = Poison.Unreadable(new Random(FirstSeed.Value)).Count();
        var counts = before;
        await Eventually.TrueAsync(
            async () =>
            {
                counts = await setup.Broker.QueuesAsync();
                return Queues.Durable.Concat(Queues.Transient).All(queue => counts.GetValueOrDefault(queue) == 0)
                    && Queues.Durable.All(queue => More(Queues.ErrorsOf(queue)) >= unreadable && More(Queues.SkippedOf(queue)) == 1);
            },
            Patience,
            () => $"every poison is set aside: {string.Join(", ", counts)}");

        long More(string queue) => counts.GetValueOrDefault(queue) - before.GetValueOrDefault(queue);

        // Every queue has something behind the poison: all homes, all owners, both routers.
        var points = Enumerable.Range(2, 60).Select(id => new { id, vector = Vector(id) }).ToList();
        foreach (var door in setup.Cluster.Doors.Apis)
            (await door.PostAsync("store", new { points })).Expect();
        foreach (var point in points)
            (await api.GetAsync($"get/{point.id}")).Expect();
        var question = new { query_vector = Vector(7), top_k = 100, shards_to_search = "all", exact = true };
        var found = (await api.PostAsync("search", question)).Expect();
        Assert.False(found["partial"].GetBoolean());
        Assert.Equal(61, found["results"].GetArrayLength());
        await setup.EmptyAsync();
    }

    /// <summary>What a person sees who looks at a set-aside message: the message itself and why it is there.</summary>
    [Fact]
    public async Task SetAsideMessage_SaysWhy()
    {
        await using var connection = await new ConnectionFactory { Uri = setup.Broker.Address.Uri }.CreateConnectionAsync();
        await using var channel = await Envelope.OpenAsync(connection);
        var queue = Queues.Durable[1];
        var body = Envelope.Of("UpsertPoints", new { Shard = -1, Test = nameof(SetAsideMessage_SaysWhy) });
        await Envelope.SendAsync(channel, queue, body);
        await Eventually.TrueAsync(
            async () => (await setup.Broker.QueuesAsync()).GetValueOrDefault(Queues.ErrorsOf(queue)) > 0, Patience, "there is an error");
        BasicGetResult? found = null;
        await Eventually.TrueAsync(
            async () =>
            {
                found = await channel.BasicGetAsync(Queues.ErrorsOf(queue), autoAck: true);
                return found?.Body.Span.SequenceEqual(body) == true;
            },
            Patience,
            "the message is in the error queue");
        Assert.Contains("MT-Fault-Message", found!.BasicProperties.Headers!.Keys);
    }

    static float[] Vector(int seed) => Ledger.Direction(new Random(seed));
}
