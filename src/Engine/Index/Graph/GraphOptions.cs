namespace VectorDb.Engine.Index.Graph;

/// <summary>How a <see cref="GraphIndex"/> trades time, memory and recall. The defaults are measured: docs/index.md.</summary>
internal sealed record GraphOptions
{
    /// <summary>
    /// Searches scan all vectors in float32 below this many, and walk the graph from there on; 0 walks always. At 4,096
    /// vectors of 384 numbers the scan takes 0.3 ms and is exact.
    /// </summary>
    public int FlatBelow { get; init; } = 4096;

    /// <summary>Candidates that a search keeps: recall against time. Never fewer than it is asked for.</summary>
    public int SearchWidth { get; init; } = 100;

    /// <summary>Candidates that an insert keeps.</summary>
    public int BuildWidth { get; init; } = 160;

    /// <summary>Threads that link a batch of writes. One makes a graph that depends only on the order of writes.</summary>
    public int Threads { get; init; } = Math.Min(4, Environment.ProcessorCount);

    /// <summary>
    /// Keep every vector in float32 too, for exact searches of any size. Costs 4 bytes a number; without it an exact search
    /// above <see cref="FlatBelow"/> is refused and the shard scans its rows in SQLite.
    /// </summary>
    public bool KeepFloats { get; init; }

    /// <summary>See <see cref="VertexLayout.IsCompact"/>.</summary>
    public bool IsCompact { get; init; }

    /// <summary>Of the random rotation.</summary>
    public ulong Seed { get; init; } = 0x5EED;
}
