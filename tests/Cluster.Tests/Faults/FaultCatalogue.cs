using VectorDb.Cluster.Tests.Processes;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.Cluster.Tests.Faults;

/// <summary>Every kind of fault that a cluster on a broker of its own can be given, each time at a place that chance chooses.</summary>
public sealed class FaultCatalogue(ClusterProcesses cluster, BrokerNode broker, Ledger ledger, SmallDisk? disk)
{
    const int Pulses = 8;
    const int Last = 1;
    const string Broker = "broker";

    static readonly TimeSpan PulseLength = TimeSpan.FromMilliseconds(200);

    static readonly TimeSpan SlowLink = TimeSpan.FromMilliseconds(60);

    /// <summary>One of each kind.</summary>
    public IReadOnlyList<Fault> All(Random random) =>
    [
        .. OfProcesses(random),
        .. OfNetwork(random),
        .. OfBroker(),
        new("poison in every queue", Broker, () => Poison.SendAsync(broker.Address, random), () => Task.CompletedTask),
        .. disk is null ? [] : new[] { FullDisk(disk) },
    ];

    IEnumerable<Fault> OfProcesses(Random random)
    {
        foreach (var kind in Enum.GetValues<RoleKind>())
        {
            yield return Kill(Any(kind, random));
            yield return Stop(Any(kind, random));
            yield return Freeze(Any(kind, random));
        }
        yield return Pulse(Any(RoleKind.Shards, random));
    }

    IEnumerable<Fault> OfNetwork(Random random)
    {
        yield return OfLink("cut", random, link => link.Cut(), reset: true);
        yield return OfLink("silent, then late", random, link => link.Swallow(toBroker: true, fromBroker: true), reset: false);
        yield return OfLink(
            "silent to the broker, then reset", random, link => link.Swallow(toBroker: true, fromBroker: false), reset: true);
        yield return OfLink(
            "silent from the broker, then reset", random, link => link.Swallow(toBroker: false, fromBroker: true), reset: true);
        yield return OfLink("slow", random, link => link.Slow(SlowLink), reset: false);
    }

    /// <summary>Messages that are being sent when it goes are in no queue, or in one: nobody is told which.</summary>
    IEnumerable<Fault> OfBroker()
    {
        yield return new("broker: kill -9", Broker, broker.KillAsync, broker.StartAsync);
        yield return new("broker: stop", Broker, broker.StopAsync, broker.StartAsync);
    }

    static Fault Kill(RoleProcess process) =>
        new($"{process.Kind}: kill -9", process.Name, process.KillAsync, () => Start(process)) { HealOrder = Last };

    Fault Stop(RoleProcess process) =>
        new($"{process.Kind}: stop", process.Name, () => StopAsync(process), () => Start(process)) { HealOrder = Last };

    async Task StopAsync(RoleProcess process)
    {
        if (await process.StopAsync() is not (0 or ClientWatch.ExitCode) and var code)
            ledger.Report($"{process.Name} was stopped and ended with code {code}. {process.Log}");
    }

    static Fault Freeze(RoleProcess process) =>
        new($"{process.Kind}: freeze", process.Name, () => Now(process.Freeze), () => Now(process.Thaw));

    /// <summary>A process that gets a third of the time that it needs.</summary>
    static Fault Pulse(RoleProcess process) => new($"{process.Kind}: slow", process.Name, async () =>
    {
        for (var i = 0; i < Pulses; i++)
        {
            process.Freeze();
            await Task.Delay(PulseLength);
            process.Thaw();
            await Task.Delay(PulseLength / 2);
        }
    }, () => Task.CompletedTask);

    Fault OfLink(string what, Random random, Action<Link> strike, bool reset)
    {
        var process = cluster.All[random.Next(cluster.All.Count)];
        return new(
            $"link: {what}", $"link of {process.Name}", () => Now(() => strike(process.Link)), () => Now(() => process.Link.Mend(reset)));
    }

    static Fault FullDisk(SmallDisk disk) => new("disk: full", "disk", () => Now(disk.Fill), () => Now(disk.Free));

    RoleProcess Any(RoleKind kind, Random random) => cluster.Of(kind)[random.Next(cluster.Of(kind).Count)];

    static Task Start(RoleProcess process) => Now(process.Start);

    static Task Now(Action action)
    {
        action();
        return Task.CompletedTask;
    }
}
