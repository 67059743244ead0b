using System.Diagnostics;
using VectorDb.Cluster.Tests.Faults;
using VectorDb.Cluster.Tests.Processes;
using VectorDb.Contracts;

namespace VectorDb.Cluster.Tests.Replicas;

/// <summary>
/// Two replicas of each shard in processes of their own: one may die under load, come back, or lose its disk, and no search notices.
/// </summary>
public sealed class ReplicaTests(ITestOutputHelper output)
{
    const int Points = 150;

    /// <summary>Nobody changes these.</summary>
    const int SteadyPoints = 40;

    const int Writers = 3;

    /// <summary>Acknowledged after a kill before the dead one is started again, so that it has something to catch up with.</summary>
    const int WritesMissed = 40;

    /// <summary>Together more than a minute.</summary>
    const int Stops = 4;

    static readonly TimeSpan BetweenStops = TimeSpan.FromSeconds(20);

    /// <summary>Writes stand for up to 8 s after a kill; the rest is for a busy machine.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly Ledger _ledger = new(FirstSeed.Value, Points, SteadyPoints);
    volatile bool _isOver;

    [Fact]
    public async Task KilledReplica_CostsNoSearch_ReturnsAndIsRebuilt()
    {
        Say($"VECTORDB_SEED={FirstSeed.Value}");
        await using var broker = await BrokerNode.StartNewAsync();
        await using var cluster = await ClusterProcesses.StartAsync(
            broker.Address, new() { Apis = 1, Routers = 1, Workers = ["0,1,2,3"], Replicas = 2 });
        Say("ready");
        var api = cluster.Doors.Apis[0];
        var centroids = _ledger.Centroids.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item);
        (await api.PostAsync("set_centroids", centroids)).Expect();
        var searches = await SteadySearches.StartAsync(api, _ledger);
        var replicas = cluster.Of(RoleKind.Shards);

        await UnderLoadAsync(cluster.DoorsOfReplicas[0], () => KillAndReturnAsync(replicas[1], losesDisk: false));
        // The one that has led since the beginning: the other leads from now on.
        await UnderLoadAsync(cluster.DoorsOfReplicas[1], () => KillAndReturnAsync(replicas[0], losesDisk: true));
        // The rebuilt one answers alone, and for everything.
        await replicas[1].KillAsync();
        Say($"{replicas[1].Name} is killed again");
        var before = searches.Answers;
        await Eventually.TrueAsync(() => Task.FromResult(searches.Answers > before + 100), Patience, "searches go on");
        await UnderLoadAsync(cluster.DoorsOfReplicas[0], () => GiveUpFullQueueAsync(broker, cluster));
        replicas[1].Start();
        await replicas[1].ReadyAsync();
        Say($"{replicas[1].Name} is back again");
        await searches.StopAsync();
        Say($"{searches.Answers} right answers to searches and gets");
        Assert.True(searches.Violations.Count == 0, string.Join("\n", searches.Violations.Take(15)) + cluster.Logs);

        await DrainedAsync(broker);
        Say("the queues are empty");
        await CompleteAsync(cluster);
        Say("every replica is complete");
        foreach (var doors in cluster.DoorsOfReplicas)
            await Rest.OneCopyAsync(doors.Shards);
        Say("every id is in one shard");
        foreach (var doors in cluster.DoorsOfReplicas)
            await new Audit(doors, _ledger).RunAsync(new Random(FirstSeed.Value));
        Say(string.Join("; ", _ledger.Counts));
        Assert.True(_ledger.Violations.Count == 0, string.Join("\n", _ledger.Violations.Take(15)) + cluster.Logs);
        await StopTheSameAsync(replicas);
        Say("the files are the same");
    }

    /// <summary>
    /// A home settles what a refused write left behind within a minute, perhaps while one replica has stopped and the other has not.
    /// </summary>
    async Task StopTheSameAsync(IReadOnlyList<RoleProcess> replicas)
    {
        for (var attempt = 1; ; attempt++)
        {
            foreach (var replica in replicas)
                Assert.Equal(0, await replica.StopAsync());
            var files = replicas.Select(replica => Enumerable.Range(0, Ledger.Shards)
                .SelectMany(shard => ReplicaFiles.Describe(replica.DataPath!, shard).Select(line => $"{shard}: {line}")).ToList()).ToList();
            if (attempt == Stops || files[0].SequenceEqual(files[1]))
            {
                Assert.Equal(files[0], files[1]);
                return;
            }
            Say("the files differ in " + string.Join(" | ", files[0].Except(files[1]).Concat(files[1].Except(files[0])).Take(4)));
            foreach (var replica in replicas)
                replica.Start();
            foreach (var replica in replicas)
                await replica.ReadyAsync();
            await Task.Delay(BetweenStops);
        }
    }

    async Task KillAndReturnAsync(RoleProcess replica, bool losesDisk)
    {
        await Task.Delay(TimeSpan.FromSeconds(1));
        var acknowledged = _ledger.Acknowledged;
        await replica.KillAsync();
        Say($"{replica.Name} is killed");
        if (losesDisk)
            Directory.Delete(replica.DataPath!, recursive: true);
        await Eventually.TrueAsync(
            () => Task.FromResult(_ledger.Acknowledged > acknowledged + WritesMissed), Patience, "writes go on without the dead replica");
        Say($"{_ledger.Acknowledged - acknowledged} writes without it");
        replica.Start();
        await replica.ReadyAsync();
        Say($"{replica.Name} is {(losesDisk ? "rebuilt" : "back")}");
        await Task.Delay(TimeSpan.FromSeconds(1));
    }

    /// <summary>
    /// What waits for a dead replica must not stop its shard: the other gives its queue up, and it is copied when it returns.
    /// </summary>
    async Task GiveUpFullQueueAsync(BrokerNode broker, ClusterProcesses cluster)
    {
        var queue = ShardAddress.WriteName(0, 1);
        await FullQueue.FillAsync(broker.Address, queue);
        Say($"{queue} is full");
        await Eventually.TrueAsync(async () => !(await broker.QueuesAsync()).ContainsKey(queue), Patience,
            () => "the full queue is given up" + cluster.Logs);
        Say("it is given up");
        var acknowledged = _ledger.Acknowledged;
        await Eventually.TrueAsync(
            () => Task.FromResult(_ledger.Acknowledged > acknowledged + WritesMissed), Patience,
            () => "writes go on without the queue" + cluster.Logs);
    }

    async Task UnderLoadAsync(Doors doors, Func<Task> action)
    {
        _isOver = false;
        // Writes stand after a kill, and may be refused on a busy machine; SteadySearches forgives nothing.
        var rules = new WorkloadRules { IsTroubled = () => true, IsOver = () => _isOver };
        var workload = new Workload(doors, _ledger, rules).RunAsync(_ledger.Acknowledged, Writers);
        try
        {
            await action();
        }
        finally
        {
            _isOver = true;
            await workload;
        }
    }

    /// <summary>On a busy machine a replica that was ready may have missed its lease, and is copied once more.</summary>
    static async Task CompleteAsync(ClusterProcesses cluster)
    {
        foreach (var shard in cluster.DoorsOfReplicas.SelectMany(doors => doors.Shards))
            await Eventually.TrueAsync(
                async () => (await shard.Api.GetAsync($"{shard.Path}list_ids?limit=1")).IsSuccess, Patience,
                () => "every replica is complete" + cluster.Logs);
    }

    /// <summary>
    /// Nothing waits in what outlives a process. What dead ones were sent about each other goes with their queues after a minute.
    /// </summary>
    async Task DrainedAsync(BrokerNode broker)
    {
        var waiting = "";
        await Eventually.TrueAsync(
            async () =>
            {
                var queues = (await broker.QueuesAsync())
                    .Where(queue => queue.Value > 0 && OutlivesProcesses(queue.Key)).ToList();
                if (queues.FirstOrDefault(queue => Queues.IsLeftover(queue.Key)).Key is { } errors)
                    Assert.Fail(await Queues.DescribeAsync(broker.Address, errors));
                waiting = string.Join(", ", queues);
                return queues.Count == 0;
            },
            Patience,
            () => "the queues are empty: " + waiting);
    }

    static bool OutlivesProcesses(string queue) =>
        queue == ShardAddress.IngestName || queue.StartsWith("vectordb.shard-", StringComparison.Ordinal);

    void Say(string line) => output.WriteLine($"{_clock.Elapsed.TotalSeconds,5:0.0} s  {line}");
}
