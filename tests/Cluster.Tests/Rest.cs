using VectorDb.Cluster.Tests.Faults;
using VectorDb.Cluster.Tests.Processes;

namespace VectorDb.Cluster.Tests;

/// <summary>Waits until a system has come to rest, so that it can be compared with what was acknowledged.</summary>
public static class Rest
{
    /// <summary>Long after the last fault: two minutes are a claim's timeout and its repetitions.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(150);

    /// <summary>Returns when no message is left that could change anything.</summary>
    public static async Task DrainedAsync(BrokerNode broker, ClusterProcesses cluster)
    {
        List<KeyValuePair<string, long>> waiting = [];
        await Eventually.TrueAsync(
            async () =>
            {
                waiting = [.. (await broker.QueuesAsync()).Where(queue => Queues.IsDurable(queue.Key) && queue.Value > 0)];
                return waiting.Count == 0;
            },
            Patience,
            () => $"the queues are empty: {string.Join(", ", waiting)}{cluster.Logs}");
    }

    /// <summary>
    /// A shard that dies while it stores for a caller of its own leaves an older row, which its home settles within a minute.
    /// </summary>
    public static async Task OneCopyAsync(IReadOnlyCollection<ShardDoor> shards)
    {
        List<string> twice = [];
        await Eventually.TrueAsync(
            async () =>
            {
                var ids = await Task.WhenAll(shards.Select(shard => shard.ListIdsAsync(pageSize: 1_000)));
                twice = [.. ids.SelectMany(list => list.Select(id => id.ToString()))
                    .GroupBy(id => id).Where(id => id.Count() > 1).Select(id => id.Key)];
                return twice.Count == 0;
            },
            Patience,
            () => "every id is in one shard; in two are: " + string.Join(", ", twice));
    }
}
