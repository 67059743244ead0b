namespace VectorDb.IngestWorker.Loading;

/// <summary>What the user wants of training.</summary>
/// <param name="IsWanted">False for none.</param>
/// <param name="Rows">How many rows to train from, or null to decide by the input and the server.</param>
public sealed record TrainingChoice(bool IsWanted, int? Rows)
{
    public static readonly TrainingChoice Auto = new(true, null);
    public static readonly TrainingChoice None = new(false, null);
}
