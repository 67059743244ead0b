namespace VectorDb.Contracts;

/// <summary>
/// The names of queues, as people read them in RabbitMQ's management page. Addresses use `exchange:`, so that a sender never
/// declares a queue whose type it does not know, and so that the same form serves the in-memory transport.
/// </summary>
public static class ShardAddress
{
    public const string IngestName = "vectordb.ingest";

    public const string RouteSearchName = "vectordb.route-search";

    public static Uri Ingest { get; } = Exchange(IngestName);

    public static Uri RouteSearch { get; } = Exchange(RouteSearchName);

    public static string WriteName(int shard) => $"vectordb.shard-{shard}.write";

    public static string DirectoryName(int shard) => $"vectordb.shard-{shard}.directory";

    public static string SearchName(int shard) => $"vectordb.shard-{shard}.search";

    /// <summary>The queue of one replica's rows: all get what is sent to <see cref="Write"/>.</summary>
    public static string WriteName(int shard, int replica) => WriteName(shard) + Suffix(replica);

    /// <summary>The exchange that gives a home's decisions to each of its replicas.</summary>
    public static string LogName(int shard) => $"vectordb.shard-{shard}.log";

    public static string LogName(int shard, int replica) => LogName(shard) + Suffix(replica);

    /// <summary>The queue in which one replica hears from the others.</summary>
    public static string PeerName(int shard, int replica) => $"vectordb.shard-{shard}.peer.replica-{replica}";

    /// <summary>Held by whoever begins to read a replica's queues, or deletes them.</summary>
    public static string HoldName(int shard, int replica) => $"vectordb.shard-{shard}.hold.replica-{replica}";

    /// <summary>There when messages of a replica's queues were given up.</summary>
    public static string GivenUpName(int shard, int replica) => $"vectordb.shard-{shard}.given-up.replica-{replica}";

    public static Uri Log(int shard) => Exchange(LogName(shard));

    public static Uri Peer(int shard, int replica) => Exchange(PeerName(shard, replica));

    public static Uri Write(int shard) => Exchange(WriteName(shard));

    public static Uri Directory(int shard) => Exchange(DirectoryName(shard));

    public static Uri Search(int shard) => Exchange(SearchName(shard));

    /// <summary>The shard whose directory queue keeps the state of collections.</summary>
    public const int KeeperShard = 0;

    /// <summary>Replica 0 has the plain names, which are those of a shard without replicas.</summary>
    static string Suffix(int replica) => replica == 0 ? "" : $".replica-{replica}";

    static Uri Exchange(string name) => new($"exchange:{name}");
}
