namespace VectorDb.Engine;

/// <summary>How two vectors are compared, and what a score then means.</summary>
public enum Metric
{
    /// <summary>Cosine similarity, -1 to 1, higher is nearer. Vectors are normalised on write.</summary>
    Cosine,

    /// <summary>The inner product, higher is nearer.</summary>
    Dot,

    /// <summary>The Euclidean distance (not squared), lower is nearer.</summary>
    Euclid,
}
