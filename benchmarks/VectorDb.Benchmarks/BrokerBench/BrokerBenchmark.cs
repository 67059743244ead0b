using System.Diagnostics;
using System.Globalization;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>
/// Searches and writes through the real roles in processes of their own and a real broker, next to the naive way and to a bare
/// request loop, alternating in rounds of one run: only then are the ratios worth something on a shared machine.
/// </summary>
public sealed class BrokerBenchmark(BrokerOptions options)
{
    readonly Dictionary<(string Way, int Callers), List<Sample>> _samples = [];

    public async Task<BrokerReport> RunAsync()
    {
        var folder = Directory.CreateTempSubdirectory("vectordb-broker-");
        var roles = new List<RoleProcess>();
        try
        {
            foreach (var arguments in Roles(folder.FullName))
                roles.Add(await RoleProcess.StartAsync(arguments));
            var queries = Vectors.Make(1_024, options.Dimensions, seed: 1);
            var bodyBytes = options.Dimensions * sizeof(float);
            await using var bare = await BareLoop.StartAsync(BareHop.Echo, promises: false, bodyBytes);
            await using var relayed = await BareLoop.StartAsync(BareHop.Relay, promises: false, bodyBytes);
            await using var promising = await BareLoop.StartAsync(BareHop.Relay + BareHop.Promising, promises: true, bodyBytes);
            await using var query = await QuerySide.StartAsync(options, queries);
            using var meter = new CpuMeter(roles.Select(role => role.Id));
            var writing = new Writing(query, options);
            await writing.StoreAsync(options.Vectors);
            await SearchRoundsAsync((bare, relayed, promising), query, meter);
            await WriteRoundsAsync(writing, meter);
            return new(options, _samples);
        }
        finally
        {
            foreach (var role in roles)
                await role.DisposeAsync();
            folder.Delete(recursive: true);
        }
    }

    IEnumerable<string[]> Roles(string folder)
    {
        yield return ["echo"];
        yield return ["relay"];
        for (var i = 0; i < options.ShardProcesses; i++)
        {
            var owned = Enumerable.Range(0, options.Shards).Where(shard => shard % options.ShardProcesses == i);
            yield return ["shards", $"{options.Shards}", string.Join(',', owned), folder];
        }
        yield return ["router", $"{options.Shards}"];
    }

    async Task SearchRoundsAsync((BareLoop Bare, BareLoop Relayed, BareLoop Promising) loops, QuerySide query, CpuMeter meter)
    {
        var next = 0;
        (string Way, Func<int, Task> Work)[] ways =
        [
            (BrokerReport.Bare, _ => loops.Bare.AskAsync()),
            (BrokerReport.Relayed, _ => loops.Relayed.AskAsync()),
            (BrokerReport.Promising, _ => loops.Promising.AskAsync()),
            (BrokerReport.Naive, _ => query.SearchNaivelyAsync(Interlocked.Increment(ref next))),
            (BrokerReport.Ours, _ => query.SearchAsync(Interlocked.Increment(ref next))),
            (BrokerReport.Http, _ => query.SearchByHttpAsync(Interlocked.Increment(ref next))),
        ];
        // Round 0 only warms up: every path compiled, every connection open.
        for (var round = 0; round <= options.Rounds; round++)
            foreach (var callers in options.Callers)
                foreach (var (way, work) in ways.Where(way => options.Measures(way.Way)))
                {
                    var sample = await Sample.MeasureAsync(callers, options.Seconds, meter, work);
                    Note(round, way, callers, sample);
                }
    }

    async Task WriteRoundsAsync(Writing writing, CpuMeter meter)
    {
        if (!options.Measures(BrokerReport.Writes))
            return;
        for (var round = 0; round <= options.Rounds; round++)
        {
            await meter.RestAsync();
            var (cpu, start) = (meter.Read(), Stopwatch.GetTimestamp());
            var latencies = await writing.StoreAsync(options.Writes);
            var seconds = Stopwatch.GetElapsedTime(start).TotalSeconds;
            Note(round, BrokerReport.Writes, callers: 0, Sample.From(seconds, options.Writes, latencies, meter.Read() - cpu));
        }
    }

    void Note(int round, string way, int callers, Sample sample)
    {
        Console.Error.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"round {round} of {options.Rounds}: {way} {callers}: {sample.PerSecond:N0}/s, {sample.CpuUs:N0} us of CPU each"));
        if (round == 0)
            return;
        if (!_samples.TryGetValue((way, callers), out var samples))
            _samples[(way, callers)] = samples = [];
        samples.Add(sample);
    }
}
