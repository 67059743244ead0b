using System.Collections.Concurrent;
using System.Diagnostics;
using VectorDb.Cluster.Tests.Faults;

namespace VectorDb.Cluster.Tests;

/// <summary>Rounds of faults under load, each with a quiet end in which everything is compared with what had been acknowledged.</summary>
public sealed class ChaosRun
{
    const int Points = 300;

    /// <summary>Stored by somebody who does not wait, in one round.</summary>
    const int FreshPoints = 60;

    const int Clients = 6;

    const int AtOnceMax = 3;

    /// <summary>Parts of the names of the only faults that are wanted, to find out about one that failed.</summary>
    static readonly string[] Wanted =
        Environment.GetEnvironmentVariable("VECTORDB_FAULTS")?.Split(',', StringSplitOptions.TrimEntries) ?? [""];

    readonly SharedCluster _setup;
    readonly Ledger _ledger;
    readonly Action<string> _say;
    readonly ConcurrentDictionary<string, int> _faults = new();
    volatile bool _isOver;

    ChaosRun(SharedCluster setup, Ledger ledger, Action<string> say) => (_setup, _ledger, _say) = (setup, ledger, say);

    public IReadOnlyCollection<string> Violations => _ledger.Violations;

    public IEnumerable<string> Counts => _ledger.Counts;

    public string Faults => string.Join(", ", _faults.OrderBy(pair => pair.Key).Select(pair => $"{pair.Key} {pair.Value}"))
        + $"; gave up and were started again: {_setup.Cluster.All.Sum(process => process.Restarts)}";

    /// <summary>Sets the centroids of the ledger, which makes the collection with its first point.</summary>
    public static async Task<ChaosRun> StartAsync(SharedCluster setup, int seed, Action<string> say)
    {
        var ledger = new Ledger(seed, Points, FreshPoints);
        var centroids = ledger.Centroids.Index().ToDictionary(pair => $"{pair.Index}", pair => pair.Item);
        await Eventually.TrueAsync(
            async () => (await setup.Cluster.Doors.Apis[0].PostAsync("set_centroids", centroids)).IsSuccess,
            Rest.Patience,
            "centroids are set");
        return new(setup, ledger, say);
    }

    /// <summary>All kinds of faults once, in an order that the seed decides.</summary>
    public async Task RoundAsync(int seed, bool isShort)
    {
        var random = new Random(seed);
        _say($"Round with seed {seed}");
        await using var replay = new Replay(_setup.Broker.Address, random.Next());
        replay.Start();
        var faults = new FaultCatalogue(_setup.Cluster, _setup.Broker, _ledger, _setup.Disk).All(random)
            .Where(fault => Wanted.Any(fault.Name.Contains)).ToArray();
        random.Shuffle(faults);
        await UnderLoadAsync(random.Next(), () => BreakAsync(faults, random, isShort));
        await _setup.Cluster.ReadyAsync();
        await replay.FinishAsync();
        _ledger.Count("delivered again", replay.Count);
        await Rest.DrainedAsync(_setup.Broker, _setup.Cluster);
        await AuditAsync(random);
    }

    async Task BreakAsync(Fault[] faults, Random random, bool isShort)
    {
        foreach (var wave in Fault.Waves(faults, () => isShort ? AtOnceMax : random.Next(1, AtOnceMax + 1)))
        {
            foreach (var fault in wave)
                _faults.AddOrUpdate(fault.Name, 1, (_, count) => count + 1);
            var start = Stopwatch.GetTimestamp();
            _say("  " + string.Join(" + ", wave.Select(fault => $"{fault.Name} ({fault.Target})")));
            await Task.WhenAll(wave.Select(fault => fault.StrikeAsync()));
            await Task.Delay(TimeSpan.FromMilliseconds(isShort ? random.Next(500, 1_500) : random.Next(200, 12_000)));
            foreach (var step in wave.GroupBy(fault => fault.HealOrder).OrderBy(step => step.Key))
                await Task.WhenAll(step.Select(fault => fault.HealAsync()));
            await _setup.Cluster.ReadyAsync();
            _say($"    {Stopwatch.GetElapsedTime(start).TotalSeconds:0.0} s, {_ledger.Acknowledged} acknowledged");
            if (_ledger.Violations.Count > 0)
                return;
        }
    }

    async Task UnderLoadAsync(int seed, Func<Task> action)
    {
        _isOver = false;
        var workload = new Workload(_setup.Cluster.Doors, _ledger, new()
        {
            IsTroubled = () => true,
            IsOver = () => _isOver,
            KeepsAccepted = true,
        }).RunAsync(seed, Clients);
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

    async Task AuditAsync(Random random)
    {
        await Rest.OneCopyAsync(_setup.Cluster.Doors.Shards);
        await new Audit(_setup.Cluster.Doors, _ledger).RunAsync(random);
        foreach (var point in _ledger.RenewFresh())
        {
            var attempt = _ledger.Delete(point);
            var before = point.Floor;
            var gone = (await _setup.Cluster.Doors.Any(random).DeleteAsync($"points/{Uri.EscapeDataString(point.Key)}")).Expect();
            _ledger.Acknowledge(point, attempt, gone["version"].GetInt64(), before);
        }
    }
}
