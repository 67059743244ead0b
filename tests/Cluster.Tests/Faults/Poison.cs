using RabbitMQ.Client;
using VectorDb.Contracts;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>
/// Messages that cannot be handled, for every queue: bytes that are no message, messages of an unknown type, and messages of a
/// known type whose content no role of ours sends.
/// </summary>
public static class Poison
{
    const string UnknownId = "cG9pc29u";

    /// <summary>Three numbers, where the collection has sixteen.</summary>
    static readonly string ShortVector = Convert.ToBase64String(new byte[12]);

    static readonly string NotNumbers =
        Convert.ToBase64String(VectorBytes.From([.. Enumerable.Repeat(float.NaN, Ledger.Dimensions)]));

    /// <summary>All of it into all queues; returns when the broker has it.</summary>
    public static async Task SendAsync(BrokerAddress broker, Random random)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        await using var channel = await Envelope.OpenAsync(connection);
        foreach (var queue in Queues.Durable.Concat(Queues.Transient))
        {
            foreach (var body in Unreadable(random).Concat(Impossible(queue)))
                await Envelope.SendAsync(channel, queue, body);
            await Envelope.SendAsync(channel, queue, Unknown);
        }
    }

    /// <summary>Ends in `_error`, where the queue is durable.</summary>
    public static IEnumerable<byte[]> Unreadable(Random random) => [Envelope.Garbage(random), Envelope.BrokenJson, []];

    /// <summary>Ends in `_skipped`, where the queue is durable.</summary>
    public static byte[] Unknown => Envelope.Of("NeverHeardOf", new { Anything = 1 });

    /// <summary>Nothing of this may change a shard or stop a queue.</summary>
    public static IEnumerable<byte[]> Impossible(string queue)
    {
        if (queue == ShardAddress.IngestName)
            return
            [
                Envelope.Of("StoreVector", null),
                Envelope.Of("StoreVector", new { OperationId = Guid.NewGuid() }),
                Envelope.Of("StoreVector", new { OperationId = Guid.NewGuid(), Points = new[] { new { Vector = ShortVector } } }),
                Envelope.Of("StoreVector", new { OperationId = Guid.NewGuid(), Shard = 99, Points = new[] { Row(NotNumbers) } }),
            ];
        if (queue.EndsWith(".write", StringComparison.Ordinal))
            return
            [
                Envelope.Of("UpsertPoints", new { Shard = -1 }),
                Envelope.Of("UpsertPoints", Upsert(ShardOf(queue), Row(ShortVector))),
                Envelope.Of("UpsertPoints", Upsert(ShardOf(queue), Row(NotNumbers))),
                Envelope.Of("UpsertPoints", Upsert(ShardOf(queue) + Ledger.Shards, Row(NotNumbers))),
                Envelope.Of("EvictPoints", new { Shard = ShardOf(queue), ShardCount = 0, Points = new[] { Row(NotNumbers) } }),
            ];
        if (queue.EndsWith(".directory", StringComparison.Ordinal))
            return
            [
                Envelope.Of("ClaimIds", new { Shard = ShardOf(queue) }),
                Envelope.Of("ClaimIds", new { Shard = 1_000, Claims = new[] { Row(NotNumbers) } }),
                Envelope.Of("DeletePoints", new { Shard = ShardOf(queue), OperationId = Guid.NewGuid(), Points = "none" }),
                Envelope.Of("ReleasePlaces", new { Shard = ShardOf(queue), Places = new[] { new { Id = (string?)null, Place = -7 } } }),
            ];
        return
        [
            Envelope.Of("SearchShard", new { Shard = 0, Dimensions = -5 }),
            Envelope.Of("SearchRequest", new { Questions = new[] { new { Index = -1, TopK = 1_000_000_000 } } }),
            Envelope.Of("GetPoint", new { Shard = 77, Id = "" }),
        ];
    }

    static int ShardOf(string queue) => int.Parse(queue.Split('-', '.')[2]);

    static object Row(string vector) =>
        new { OperationId = Guid.NewGuid(), Ordinal = 0, Id = UnknownId, Version = 1L << 60, Vector = vector };

    static object Upsert(int shard, object row) => new
    {
        Shard = shard,
        ShardCount = Ledger.Shards,
        Epoch = 1,
        Collection = new { Dimensions = Ledger.Dimensions },
        Points = new[] { row },
    };
}
