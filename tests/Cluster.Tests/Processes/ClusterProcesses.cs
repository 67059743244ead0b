namespace VectorDb.Cluster.Tests.Processes;

/// <summary>The programs of a whole system around a broker, each with its own cable to it, its own ports, log and data.</summary>
public sealed class ClusterProcesses : IAsyncDisposable
{
    /// <summary>A request that takes longer has hung: twice a search's deadline.</summary>
    static readonly TimeSpan RequestTimeout = TimeSpan.FromSeconds(20);

    readonly TempFolder _folder = new();
    readonly BrokerAddress _broker;
    readonly List<RoleProcess> _all = [];
    readonly List<Api> _clients = [];

    ClusterProcesses(BrokerAddress broker) => _broker = broker;

    public IReadOnlyList<RoleProcess> All => _all;

    public Doors Doors { get; private set; } = new([], []);

    /// <summary>For each replica of the shards: the APIs, and the shards of that replica.</summary>
    public IReadOnlyList<Doors> DoorsOfReplicas { get; private set; } = [];

    /// <summary>The ends of all logs.</summary>
    public string Logs => string.Join("\n", _all.Select(process => process.Log));

    /// <summary>Starts everything and returns when all are ready. `dataOf`: a worker's data folder, where it is special.</summary>
    public static async Task<ClusterProcesses> StartAsync(
        BrokerAddress broker, ClusterLayout layout, IReadOnlyDictionary<int, string>? dataOf = null)
    {
        var cluster = new ClusterProcesses(broker);
        try
        {
            cluster.Add(layout, dataOf ?? new Dictionary<int, string>());
            foreach (var process in cluster._all)
                process.Start();
            foreach (var process in cluster._all)
                await process.ReadyAsync();
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    public IReadOnlyList<RoleProcess> Of(RoleKind kind) => [.. _all.Where(process => process.Kind == kind)];

    /// <summary>The process behind one of <see cref="Doors"/>.</summary>
    public RoleProcess Behind(Api api) => _all.First(process => process.Address == api.Address);

    public async Task ReadyAsync()
    {
        foreach (var process in _all)
            await process.ReadyAsync();
    }

    public ValueTask DisposeAsync()
    {
        foreach (var process in _all)
            process.Dispose();
        foreach (var client in _clients)
            client.Dispose();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    void Add(ClusterLayout layout, IReadOnlyDictionary<int, string> dataOf)
    {
        var shardDoors = Enumerable.Range(0, layout.Replicas).Select(replica => AddWorkers(layout, replica, dataOf)).ToList();
        for (var i = 0; i < layout.Routers; i++)
            AddWeb(RoleKind.Router, $"router-{i}", "VectorDb.Ingest.Worker.dll", ("VectorDb__ModelPath", RepositoryFiles.Models));
        var apis = Enumerable.Range(0, layout.Apis)
            .Select(i => Client(AddWeb(RoleKind.Api, $"api-{i}", "VectorDb.Query.Api.dll"))).ToList();
        DoorsOfReplicas = shardDoors.ConvertAll(doors => new Doors(apis, doors));
        Doors = DoorsOfReplicas[0];
    }

    ShardDoor[] AddWorkers(ClusterLayout layout, int replica, IReadOnlyDictionary<int, string> dataOf)
    {
        var firstShardPort = FreePort.NextRange(layout.Shards);
        var doors = new ShardDoor[layout.Shards];
        foreach (var (number, owned) in layout.Workers.Index())
        {
            var shards = owned.Split(',').Select(int.Parse).ToList();
            var data = dataOf.GetValueOrDefault(number) ?? Path.Combine(_folder.Path, $"data-{number}-{replica}");
            var name = $"shards-{owned.Replace(',', '+')}" + (layout.Replicas > 1 ? $"-replica-{replica}" : "");
            Add(RoleKind.Shards, name, "VectorDb.Shard.Worker.dll", firstShardPort + shards[0],
                ("VectorDb__OwnedShards", owned), ("VectorDb__FirstShardPort", $"{firstShardPort}"), ("VectorDb__DataPath", data),
                ("VectorDb__Replicas", $"{layout.Replicas}"), ("VectorDb__Replica", $"{replica}"),
                ("VectorDb__Shards", $"{Math.Max(Ledger.Shards, shards[^1] + 1)}"));
            foreach (var shard in shards)
                doors[shard] = new(Client(firstShardPort + shard), "");
        }
        return doors;
    }

    int AddWeb(RoleKind kind, string name, string program, params (string, string)[] settings)
    {
        var port = FreePort.Next();
        Add(kind, name, program, port, [("ASPNETCORE_URLS", $"http://127.0.0.1:{port}"), .. settings]);
        return port;
    }

    void Add(RoleKind kind, string name, string program, int port, params (string, string)[] settings)
    {
        var link = new Link(_broker);
        _all.Add(new(kind, name, link, new()
        {
            Program = program,
            Environment =
            [
                .. _broker.Settings(link), ("VectorDb__Shards", $"{Ledger.Shards}"),
                ("Logging__LogLevel__Default", "Warning"), .. settings,
            ],
            LogFile = Path.Combine(_folder.Path, $"{name}.log"),
        }, port));
    }

    Api Client(int port)
    {
        var client = new Api(new($"http://127.0.0.1:{port}/"), RequestTimeout);
        _clients.Add(client);
        return client;
    }
}
