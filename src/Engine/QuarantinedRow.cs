namespace VectorDb.Engine;

/// <summary>A damaged row: never served, kept in the file for inspection until a higher version replaces it.</summary>
/// <param name="Slot">Its row number in the file's tables.</param>
/// <param name="Key">The id, as far as it could be read.</param>
/// <param name="Version">The version, as far as it could be read.</param>
/// <param name="Reason">What was found.</param>
public sealed record QuarantinedRow(long Slot, PointKey Key, long Version, string Reason);
