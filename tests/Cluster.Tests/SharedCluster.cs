using VectorDb.Cluster.Tests.Processes;

namespace VectorDb.Cluster.Tests;

/// <summary>
/// A system of two APIs, two routers and two shard workers around a broker that nobody else uses, the second worker's data on a
/// small disk where this machine allows one. Started once, because that takes longer than most tests do: each leaves it whole, running and
/// empty.
/// </summary>
[CollectionDefinition(Name)]
public sealed class SharedCluster : IAsyncLifetime, ICollectionFixture<SharedCluster>
{
    public const string Name = "Shared cluster";

    /// <summary>Room for a few thousand rows of 16 numbers and their logs.</summary>
    const string DiskSize = "64m";

    const int WorkerOnDisk = 1;

    BrokerNode? _broker;
    ClusterProcesses? _cluster;

    public BrokerNode Broker => _broker ?? throw new InvalidOperationException("Not started.");

    public ClusterProcesses Cluster => _cluster ?? throw new InvalidOperationException("Not started.");

    /// <summary>Null where this machine allows none.</summary>
    public SmallDisk? Disk { get; private set; }

    public async ValueTask InitializeAsync()
    {
        _broker = await BrokerNode.StartNewAsync();
        Disk = SmallDisk.TryMount(DiskSize);
        var data = Disk is null ? new Dictionary<int, string>() : new() { [WorkerOnDisk] = Disk.Folder };
        _cluster = await ClusterProcesses.StartAsync(_broker.Address, new(), data);
    }

    /// <summary>Deletes every point that any shard lists.</summary>
    public async Task EmptyAsync()
    {
        foreach (var shard in Cluster.Doors.Shards)
            foreach (var id in await shard.ListIdsAsync(pageSize: 1_000))
                (await Cluster.Doors.Apis[0].DeleteAsync($"points/{Uri.EscapeDataString(id.ToString())}")).Expect();
    }

    public async ValueTask DisposeAsync()
    {
        if (_cluster is not null)
            await _cluster.DisposeAsync();
        Disk?.Dispose();
        if (_broker is not null)
            await _broker.DisposeAsync();
    }
}
