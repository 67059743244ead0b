using RabbitMQ.Client;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>The queues of the system by what they promise.</summary>
public static class Queues
{
    /// <summary>What comes in here is never lost: what cannot be done ends in `…_error` or `…_skipped`.</summary>
    public static IReadOnlyList<string> Durable { get; } =
    [
        ShardAddress.IngestName,
        .. Enumerable.Range(0, Ledger.Shards).Select(shard => ShardAddress.WriteName(shard)),
        .. Enumerable.Range(0, Ledger.Shards).Select(ShardAddress.DirectoryName),
    ];

    /// <summary>Questions: what cannot be answered is dropped.</summary>
    public static IReadOnlyList<string> Transient { get; } =
        [ShardAddress.RouteSearchName, .. Enumerable.Range(0, Ledger.Shards).Select(ShardAddress.SearchName)];

    public static string ErrorsOf(string queue) => $"{queue}_error";

    public static string SkippedOf(string queue) => $"{queue}_skipped";

    /// <summary>The first messages that were put aside in a queue, and why.</summary>
    public static async Task<string> DescribeAsync(BrokerAddress broker, string queue)
    {
        await using var connection = await new ConnectionFactory { Uri = broker.Uri }.CreateConnectionAsync();
        return $"{queue}: " + string.Join("\n", await new ErrorQueue(connection, queue).ListAsync(limit: 3, CancellationToken.None));
    }

    /// <summary>Whether what comes in there is never lost, for any number of shards.</summary>
    public static bool IsDurable(string queue) => queue == ShardAddress.IngestName
        || queue.StartsWith("vectordb.shard-", StringComparison.Ordinal)
        && (queue.EndsWith(".write", StringComparison.Ordinal) || queue.EndsWith(".directory", StringComparison.Ordinal));

    public static bool IsLeftover(string queue) => queue.EndsWith("_error") || queue.EndsWith("_skipped");
}
