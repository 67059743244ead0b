using VectorDb.TestKit.Serving;

namespace VectorDb.TestKit.Survival;

/// <summary>What a workload takes for normal.</summary>
public sealed record WorkloadRules
{
    /// <summary>Something is broken on purpose: requests may fail, or be refused as unavailable.</summary>
    public required Func<bool> IsTroubled { get; init; }

    /// <summary>Asked between operations; null where clients go on until a connection breaks.</summary>
    public Func<bool>? IsOver { get; init; }

    /// <summary>This API's process was killed, stopped or frozen since that moment of a stopwatch, so it may have hung.</summary>
    public Func<Api, long, bool> WasDisturbed { get; init; } = (_, _) => true;

    /// <summary>Shards come and go: nobody stores in a certain one.</summary>
    public bool DoShardsChange { get; init; }

    /// <summary>Centroids are set meanwhile too, for as many shards as there are, or just were.</summary>
    public bool DoCentroidsChangeToo { get; init; }

    /// <summary>Where one process holds everything, a write that is not waited for promises nothing; over a broker it does.</summary>
    public bool KeepsAccepted { get; init; }
}
