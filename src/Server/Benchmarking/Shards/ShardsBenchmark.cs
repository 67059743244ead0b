using System.Diagnostics;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;
using VectorDb.Server.Commands;

namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>
/// What the number of shards does to searches: for each, a whole system in this process on a new data folder is loaded, trained and
/// searched as any program would, over HTTP, one search at a time.
/// </summary>
public sealed class ShardsBenchmark(ShardsBenchmarkOptions options, StepDisplay steps)
{
    const int PointsARequest = 500;

    /// <summary>Searches before those that are timed: code is compiled, pages are read.</summary>
    const int WarmUps = 20;

    static readonly TimeSpan LookEvery = TimeSpan.FromMilliseconds(100);

    /// <summary>What a search may say of the shards to ask.</summary>
    static readonly (string Name, object Value)[] Choices = [("1", 1), ("auto", "auto"), ("all", "all")];

    /// <summary>`report`: called with each result as it comes.</summary>
    public async Task RunAsync(ShardsWorkload workload, Action<ShardsMeasurement> report, CancellationToken stop)
    {
        foreach (var shards in options.Shards)
            foreach (var measurement in await MeasureAsync(workload, shards, stop))
                report(measurement);
    }

    async Task<IReadOnlyList<ShardsMeasurement>> MeasureAsync(ShardsWorkload workload, int shards, CancellationToken stop)
    {
        var folder = Directory.CreateTempSubdirectory("vectordb-bench-");
        try
        {
            steps.Show($"{shards} shards: starting", 0);
            var serve = new ServeOptions
            {
                Urls = "http://127.0.0.1:0",
                DataPath = folder.FullName,
                Shards = shards,
                Model = options.Model,
                ModelPath = options.ModelPath,
            };
            await using var server = await RunningServer.StartAsync(serve, stop);
            await FillAsync(server.Client, workload, shards, stop);
            var measured = new List<ShardsMeasurement>();
            foreach (var choice in Choices)
                measured.Add(await SearchAsync(server.Client, workload, shards, choice, stop));
            return measured;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    async Task FillAsync(VectorDbClient client, ShardsWorkload workload, int shards, CancellationToken stop)
    {
        for (var first = 0; first < workload.Count; first += PointsARequest)
        {
            var rows = Enumerable.Range(first, Math.Min(PointsARequest, workload.Count - first));
            await client.StoreAsync(
                [.. rows.Select(row => new PointInput { Id = PointId.From((ulong)row), Vector = workload.Point(row) })], stop);
            steps.Show($"{shards} shards: storing", (double)first / workload.Count);
        }
        steps.Show($"{shards} shards: training", 0);
        await client.TrainFromStoredAsync(stop);
        while (true)
        {
            await Task.Delay(LookEvery, stop);
            var status = await client.GetStatusAsync(stop);
            if (status.Migration is not { Running: true } && status.Shards.All(shard => shard.Index is null or "ready"))
                return;
            var left = status.Migration?.ToCheck ?? 0;
            steps.Show($"{shards} shards: moving points to their centroids", 1 - (double)left / workload.Count);
        }
    }

    async Task<ShardsMeasurement> SearchAsync(
        VectorDbClient client, ShardsWorkload workload, int shards, (string Name, object Value) choice, CancellationToken stop)
    {
        var times = new List<double>();
        var (found, asked) = (0, 0L);
        for (var i = -WarmUps; i < workload.QueryCount; i++)
        {
            var query = Math.Abs(i) % workload.QueryCount;
            var question = new SearchInput
            {
                QueryVector = workload.Query(query),
                TopK = ShardsWorkload.TopK,
                ShardsToSearch = choice.Value,
                WithPayload = false,
            };
            var start = Stopwatch.GetTimestamp();
            var answer = await client.SearchAsync(question, stop);
            var took = Stopwatch.GetElapsedTime(start).TotalMilliseconds;
            if (answer.Partial)
                throw new CommandFailure($"A search of {shards} shards was answered in part only: the machine is too busy to measure.");
            if (i < 0)
                continue;
            times.Add(took);
            asked += answer.Shards?.Asked ?? 0;
            var truth = workload.Truth.AsSpan(query * ShardsWorkload.TopK, ShardsWorkload.TopK);
            foreach (var result in answer.Results)
                found += truth.Contains((int)result.Id.AsNumber()) ? 1 : 0;
            steps.Show($"{shards} shards: searching, {choice.Name} asked", (double)i / workload.QueryCount);
        }
        var status = await client.GetStatusAsync(stop);
        times.Sort();
        return new()
        {
            Dimensions = workload.Dimensions,
            Points = workload.Count,
            Shards = shards,
            Asked = choice.Name,
            AskedMean = (double)asked / workload.QueryCount,
            MedianMs = times[times.Count / 2],
            P99Ms = times[times.Count * 99 / 100],
            Recall = (double)found / workload.Truth.Length,
            IndexBytes = status.Shards.Sum(shard => shard.IndexBytes),
            ProcessBytes = Environment.WorkingSet,
            FileBytes = status.Shards.Sum(shard => shard.FileBytes),
        };
    }
}
