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

    public static Uri Write(int shard) => Exchange(WriteName(shard));

    public static Uri Directory(int shard) => Exchange(DirectoryName(shard));

    public static Uri Search(int shard) => Exchange(SearchName(shard));

    /// <summary>The shard whose directory queue keeps the state of collections.</summary>
    public const int KeeperShard = 0;

    static Uri Exchange(string name) => new($"exchange:{name}");
}
