using System.Diagnostics;
using MassTransit;
using VectorDb.Contracts;
using VectorDb.QueryApi;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// Stores vectors as the bulk loader does: messages of 64 points straight to the ingest queue, some of them under way at a time,
/// each done when the broker has confirmed it and every one of its rows is committed by its shard.
/// </summary>
public sealed class Writing(QuerySide query, BrokerOptions options)
{
    /// <summary>4,096 points, 8 MB of messages: enough that no stage runs dry.</summary>
    const int MessagesUnderWay = 64;

    /// <summary>Made once: the benchmark measures storing and not the making of random numbers.</summary>
    readonly byte[][] _vectors = [.. Vectors.Make(2_048, options.Dimensions, seed: 2).Select(vector => VectorBytes.From(vector))];

    int _nextId;

    /// <summary>Returns the latencies of the messages, in ticks of the stopwatch.</summary>
    public async Task<List<long>> StoreAsync(int count)
    {
        var bus = query.Service<IBus>();
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Ingest);
        var latencies = new List<long>();
        using var room = new SemaphoreSlim(MessagesUnderWay);
        var tasks = new List<Task>();
        for (var left = count; left > 0; left -= Limits.BatchRowsMax)
        {
            var points = Points(Math.Min(left, Limits.BatchRowsMax));
            await room.WaitAsync();
            tasks.Add(Task.Run(async () =>
            {
                var start = Stopwatch.GetTimestamp();
                await StoreAsync(endpoint, points);
                lock (latencies)
                    latencies.Add(Stopwatch.GetTimestamp() - start);
                room.Release();
            }));
        }
        await Task.WhenAll(tasks);
        return latencies;
    }

    async Task StoreAsync(ISendEndpoint endpoint, StorePoint[] points)
    {
        var pending = query.Service<PendingWrites>();
        var operation = NewId.NextGuid();
        var write = pending.Add(operation, points.Length);
        await endpoint.Send(new StoreVector
        {
            OperationId = operation,
            Revision = query.Service<ClusterView>().Collection?.Revision ?? 0,
            ReplyTo = query.Service<ReplyAddress>().Value,
            Points = points,
        });
        await write.Done.WaitAsync(TimeSpan.FromSeconds(60));
        pending.Remove(operation);
    }

    StorePoint[] Points(int count) => [.. Enumerable.Range(0, count).Select(ordinal =>
    {
        var number = _nextId++;
        return new StorePoint
        {
            Ordinal = ordinal,
            Id = PointId.From((ulong)number).ToKey(),
            Vector = _vectors[number % _vectors.Length],
        };
    })];
}
