namespace VectorDb.ServiceDefaults;

/// <summary>
/// Settings that the roles share: section `VectorDb`, environment `VectorDb__Shards` and so on. Checked at start.
/// </summary>
public sealed record VectorDbOptions
{
    public const string Section = "VectorDb";

    /// <summary>More copies than anybody keeps; they fit the bits of a number.</summary>
    public const int ReplicasMax = 16;

    /// <summary>Which messages travel how: inside this process, or through RabbitMQ.</summary>
    public TransportKind Transport { get; init; } = TransportKind.InMemory;

    /// <summary>Folder of the shards' SQLite files.</summary>
    public string DataPath { get; init; } = "./data";

    /// <summary>Keep the shards' indexes in a third of the memory, at half to three quarters of the speed.</summary>
    public bool CompactIndex { get; init; }

    /// <summary>How many shards the whole system has.</summary>
    public int Shards { get; init; } = 4;

    /// <summary>The shards that this process owns, such as "0,2" or "0-3"; all of them when not given.</summary>
    public string? OwnedShards { get; init; }

    /// <summary>Port of shard 0 where a stand-alone worker lets each shard answer for itself; the others follow it.</summary>
    public int FirstShardPort { get; init; } = 8001;

    /// <summary>The name under which others reach this machine: `GET /` tells it with each shard's address.</summary>
    public string AdvertisedHost { get; init; } = "localhost";

    /// <summary>How many replicas each shard has: the same number in every shard worker.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Which replica of its shards this process is, from 0. Each needs a data folder of its own.</summary>
    public int Replica { get; init; }

    public string Model { get; init; } = "all-MiniLM-L6-v2";

    /// <summary>Folder with one folder a model.</summary>
    public string ModelPath { get; init; } = "models/";

    /// <summary>The shards that this process owns, in order.</summary>
    /// <exception cref="FormatException">OwnedShards is not a list of numbers and ranges.</exception>
    public IReadOnlyList<int> ShardsToOpen() => string.IsNullOrWhiteSpace(OwnedShards)
        ? [.. Enumerable.Range(0, Shards)]
        : [.. OwnedShards.Split(',', StringSplitOptions.TrimEntries).SelectMany(Range).Distinct().Order()];

    static IEnumerable<int> Range(string part)
    {
        var ends = part.Split('-');
        if (ends.Length > 2 || !int.TryParse(ends[0], out var first) || !int.TryParse(ends[^1], out var last) || last < first)
            throw new FormatException(
                $"VectorDb:OwnedShards has \"{part}\"; give shard numbers and ranges such as \"0,2\" or \"0-3\".");
        return Enumerable.Range(first, Math.Min(last - first + 1, 1_024));
    }

    /// <summary>What is wrong with these settings, each a sentence that names the setting; empty when nothing is.</summary>
    public IEnumerable<string> Problems()
    {
        if (Shards is < 1 or > 1024)
            yield return $"VectorDb:Shards is {Shards}; give 1 to 1024.";
        if (FirstShardPort < 1 || FirstShardPort > 65_536 - Math.Clamp(Shards, 1, 1024))
            yield return $"VectorDb:FirstShardPort is {FirstShardPort}; give 1 to {65_536 - Math.Clamp(Shards, 1, 1024)}, "
                + "so that each shard has a port.";
        if (string.IsNullOrWhiteSpace(DataPath))
            yield return "VectorDb:DataPath is empty; give a folder.";
        if (string.IsNullOrWhiteSpace(ModelPath))
            yield return "VectorDb:ModelPath is empty; give the folder that holds the models' folders.";
        if (Replicas is < 1 or > ReplicasMax)
            yield return $"VectorDb:Replicas is {Replicas}; give 1 to {ReplicasMax}.";
        if (Replica < 0 || Replica >= Replicas)
            yield return $"VectorDb:Replica is {Replica}; with {Replicas} replicas they are 0 to {Replicas - 1}. "
                + "Set VectorDb:Replicas in every shard worker.";
        if (Replicas > 1 && Transport == TransportKind.InMemory)
            yield return "VectorDb:Replicas needs VectorDb:Transport=RabbitMq: in one process a second copy protects from nothing.";
        if (OwnedShardsProblem() is { } problem)
            yield return problem;
    }

    string? OwnedShardsProblem()
    {
        try
        {
            return ShardsToOpen().Where(shard => shard < 0 || shard >= Shards).Select(shard =>
                $"VectorDb:OwnedShards names shard {shard}; with {Shards} shards they are 0 to {Shards - 1}.").FirstOrDefault();
        }
        catch (FormatException e)
        {
            return e.Message;
        }
    }
}

/// <summary>How messages travel.</summary>
public enum TransportKind
{
    /// <summary>Inside one process; forgotten on exit, so a write is answered only after its shard has committed.</summary>
    InMemory,

    RabbitMq,
}
