using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.Engine;

namespace VectorDb.ShardWorker.Replication;

/// <summary>
/// What a replica's file says of itself: a document that is never copied to another replica, changed in the same transactions as what it
/// tells of.
/// </summary>
public sealed record ReplicaFile
{
    const string Name = LocalPrefix + "state";

    /// <summary>Documents whose names begin so belong to one replica.</summary>
    public const string LocalPrefix = "replica/";

    /// <summary>How complete the file is.</summary>
    public required CopyState Copy { get; init; }

    /// <summary>The last change of the log that the file contains.</summary>
    public LogPosition Position { get; init; } = new();

    public ReplicaMembers? Members { get; init; }

    /// <summary>A file without the document: new, or kept until now without replicas.</summary>
    public static ReplicaFile Read(Shard shard) => shard.GetDocument(Name) is { } bytes
        ? Parse(bytes)
        : new() { Copy = shard.Copy.Version == 0 && shard.Stats.Points == 0 ? CopyState.Empty : CopyState.Behind };

    /// <summary>As the transaction sees it.</summary>
    public static ReplicaFile Read(ShardTransaction transaction) => transaction.GetDocument(Name) is { } bytes
        ? Parse(bytes)
        : new() { Copy = CopyState.Empty };

    public static bool IsIn(Shard shard) => shard.GetDocument(Name) is not null;

    public static bool IsIn(ShardInspection shard) => shard.Document(Name) is not null;

    static ReplicaFile Parse(byte[] bytes) => JsonSerializer.Deserialize<ReplicaFile>(bytes)!;

    public void Write(ShardTransaction transaction) => transaction.PutDocument(Name, JsonSerializer.SerializeToUtf8Bytes(this));
}

/// <summary>How complete a replica's file is.</summary>
public enum CopyState
{
    /// <summary>Nothing, or an unfinished copy.</summary>
    Empty,

    /// <summary>Everything up to some moment; messages since then may have been lost with the replica's queue.</summary>
    Behind,

    /// <summary>Everything but what waits in the replica's queues.</summary>
    Complete,
}
