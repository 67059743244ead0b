namespace VectorDb.Engine;

/// <summary>The changes of a transaction that is only planned.</summary>
sealed class PlanRecorder
{
    public Dictionary<PointKey, DirectoryEntry> Entries { get; } = [];

    public List<ClaimRecord> Claims { get; } = [];

    public List<NamedDocument> Documents { get; } = [];

    public List<OutcomeRecord> Outcomes { get; } = [];
}
