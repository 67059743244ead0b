namespace VectorDb.Engine;

/// <summary>What became of some points of one operation, as one change of this shard recorded it.</summary>
/// <param name="Ordinals">Which points of the operation.</param>
/// <param name="Refusal">Why they were refused; null where they are stored.</param>
public sealed record Outcome(IReadOnlyList<int> Ordinals, string? Refusal);
