using System.Diagnostics;
using VectorDb.Cluster.Tests.Processes;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// Shards come and go, points and homes move between workers, and whatever takes part is killed meanwhile: what was acknowledged must be
/// there afterwards, once, found by its id.
/// </summary>
/// <remarks>VECTORDB_SEED repeats a run as far as processes allow; VECTORDB_SOAK_MINUTES makes it go on for so long, and
/// changes centroids too.</remarks>
public sealed class ShardChangeTests(ITestOutputHelper output)
{
    const int Points = 300;

    /// <summary>Acknowledged before the first change, so that there is something to move.</summary>
    const int WarmUp = 500;

    const int Clients = 4;

    const int KillsMax = 3;

    /// <summary>More and fewer than at first, by one and by two.</summary>
    static readonly int[] Counts = [6, 4, 5, 4];

    static readonly TimeSpan Soak = TimeSpan.FromMinutes(
        double.TryParse(Environment.GetEnvironmentVariable("VECTORDB_SOAK_MINUTES"), out var minutes) ? minutes : 0);

    readonly Stopwatch _clock = Stopwatch.StartNew();
    readonly Ledger _ledger = new(FirstSeed.Value, Points, isMoving: true);
    volatile bool _isOver;

    [Fact]
    public async Task KilledWhileShardsComeAndGo_KeepsEverythingAcknowledgedExactlyOnce()
    {
        Say($"VECTORDB_SEED={FirstSeed.Value}");
        var random = new Random(FirstSeed.Value);
        await using var broker = await BrokerNode.StartNewAsync();
        await using var cluster = await ClusterProcesses.StartAsync(
            broker.Address, new() { Apis = 2, Routers = 1, Workers = ["0,1", "2,3", "4,5"], Shards = 6 });
        var centroids = _ledger.Centroids.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item);
        (await cluster.Doors.Apis[0].PostAsync("set_centroids", centroids)).Expect();
        await UnderLoadAsync(cluster, random, () =>
            Eventually.TrueAsync(() => Task.FromResult(_ledger.Acknowledged >= WarmUp), Rest.Patience, "there is something to move"));
        for (var change = 0; change < 2 || _clock.Elapsed < Soak; change++)
        {
            var count = Counts[change % Counts.Length];
            await UnderLoadAsync(cluster, random, () => ChangeAsync(cluster, random, count));
            await Rest.DrainedAsync(broker, cluster);
            // Centroids may have been set after the change was done: while points move, some are in two shards.
            await Eventually.TrueAsync(cluster.Doors.Apis[0].HasMovedAsync, Rest.Patience, "points have been moved");
            var doors = cluster.Doors with { Shards = [.. cluster.Doors.Shards.Take(count)] };
            await Rest.OneCopyAsync(doors.Shards);
            await new Audit(doors, _ledger).RunAsync(random);
            Say($"{count} shards: {_ledger.Acknowledged} acknowledged, {_ledger.Violations.Count} violations");
            Assert.True(_ledger.Violations.Count == 0, string.Join("\n", _ledger.Violations.Take(15)) + cluster.Logs);
        }
        Say(string.Join("; ", _ledger.Counts));
    }

    async Task ChangeAsync(ClusterProcesses cluster, Random random, int count)
    {
        var api = cluster.Doors.Apis[0];
        await Eventually.TrueAsync(() => BeginAsync(api, count), Rest.Patience, $"the change to {count} shards begins");
        for (var kills = random.Next(1, KillsMax + 1); kills > 0; kills--)
        {
            await Task.Delay(random.Next(1_500));
            var victim = cluster.All[random.Next(cluster.All.Count)];
            await victim.KillAsync();
            Say($"{victim.Name} is killed: {await StepAsync(cluster)}");
            await Task.Delay(random.Next(1_500));
            victim.Start();
            await victim.ReadyAsync();
        }
        await Eventually.TrueAsync(() => IsDoneAsync(api, count), Rest.Patience, () => $"there are {count} shards{cluster.Logs}");
    }

    static async Task<bool> BeginAsync(Api api, int count)
    {
        await api.PostAsync("shards", new { count });
        var shards = (await api.GetAsync("shards")).Json;
        return shards.TryGetProperty("change", out _) || shards.GetProperty("count").GetInt32() == count;
    }

    static async Task<bool> IsDoneAsync(Api api, int count)
    {
        var answer = await api.GetAsync("shards");
        return answer.IsSuccess && answer["count"].GetInt32() == count && !answer.Json.TryGetProperty("change", out _)
            && await api.HasMovedAsync();
    }

    /// <summary>How far the change is, if anybody can say.</summary>
    static async Task<string> StepAsync(ClusterProcesses cluster)
    {
        foreach (var api in cluster.Doors.Apis)
            try
            {
                return (await api.GetAsync("shards")).Json.TryGetProperty("change", out var change) ? change.ToString() : "no change";
            }
            catch (HttpRequestException)
            {
                // It is the one that is killed.
            }
        return "nobody knows";
    }

    async Task UnderLoadAsync(ClusterProcesses cluster, Random random, Func<Task> action)
    {
        _isOver = false;
        var rules = new WorkloadRules
        {
            IsTroubled = () => true,
            IsOver = () => _isOver,
            DoShardsChange = true,
            DoCentroidsChangeToo = Soak > TimeSpan.Zero,
        };
        var workload = new Workload(cluster.Doors, _ledger, rules).RunAsync(random.Next(), Clients);
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

    void Say(string line)
    {
        output.WriteLine($"{_clock.Elapsed.TotalSeconds,5:0.0} s  {line}");
        if (Soak > TimeSpan.Zero)
            Console.WriteLine(line);
    }
}
