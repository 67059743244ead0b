namespace VectorDb.Engine;

/// <summary>What all vectors of a collection share. A shard keeps one and refuses rows of any other.</summary>
/// <param name="Dimensions">Numbers in a vector, 1 to 65,536.</param>
/// <param name="Metric">How vectors are compared.</param>
/// <param name="Model">The embedding model that made the vectors; null where only vectors are stored.</param>
/// <param name="ModelChecksum">SHA-256 of the model file, lower-case hex; null with <paramref name="Model"/>.</param>
public sealed record CollectionSchema(int Dimensions, Metric Metric, string? Model = null, string? ModelChecksum = null);
