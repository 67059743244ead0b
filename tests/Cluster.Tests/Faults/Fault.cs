namespace VectorDb.Cluster.Tests.Faults;

/// <summary>Something that goes wrong and is put right again.</summary>
/// <param name="Name">What, for people and for counting.</param>
/// <param name="StrikeAsync">Breaks it.</param>
/// <param name="HealAsync">Repairs it; what was stopped is started, though it may not be ready yet.</param>
public sealed record Fault(string Name, Func<Task> StrikeAsync, Func<Task> HealAsync)
{
    /// <summary>May happen at the same time as a fault of another scope.</summary>
    public FaultScope Scope { get; init; }
}

/// <summary>What a fault touches.</summary>
public enum FaultScope
{
    Process,
    Network,
    Broker,
    Messages,
}
