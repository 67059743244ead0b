namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>What the broker benchmark measures. The broker's address comes from the section `RabbitMqTransport`, as in the roles.</summary>
public sealed record BrokerOptions
{
    /// <summary>Each round measures every way once; the table shows the median round.</summary>
    public int Rounds { get; init; } = 3;

    public double Seconds { get; init; } = 1.5;

    /// <summary>Vectors stored before the searches.</summary>
    public int Vectors { get; init; } = 4_000;

    /// <summary>Vectors stored by each round of the writes.</summary>
    public int Writes { get; init; } = 20_000;

    public int Dimensions { get; init; } = 384;

    public int Shards { get; init; } = 4;

    /// <summary>Processes that share the shards.</summary>
    public int ShardProcesses { get; init; } = 1;

    public IReadOnlyList<int> Callers { get; init; } = [1, 8, 64];

    /// <summary>Which ways to measure; all when empty.</summary>
    public IReadOnlyList<string> Only { get; init; } = [];

    public bool Json { get; init; }

    public bool Measures(string way) => Only.Count == 0 || Only.Contains(way);
}
