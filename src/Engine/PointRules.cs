using VectorDb.Engine.Kernels;

namespace VectorDb.Engine;

/// <summary>Refuses what cannot be stored or searched. Callers refuse it earlier; this is the second line.</summary>
static class PointRules
{
    public static void Check(PointRow row, CollectionSchema schema)
    {
        Check(row.Key, row.Version);
        if (VectorFault(row.Vector, schema) is { } fault)
            throw new InvalidPointException($"The vector of point {row.Key} {fault}");
    }

    public static void Check(PointKey key, long version)
    {
        if (key.Span.Length is < 1 or > ShardLimits.KeyBytesMax)
        {
            throw new InvalidPointException(
                $"A key has 1 to {ShardLimits.KeyBytesMax} bytes, not {key.Span.Length}. Send a valid id.");
        }
        if (version < 1)
        {
            throw new InvalidPointException(
                $"Point {key} has version {version}. Versions start at 1: "
                + "use the one that the id's home gave to the claim.");
        }
    }

    public static void Check(in SearchQuery query, CollectionSchema schema)
    {
        if (query.TopK is < 1 or > ShardLimits.TopKMax)
            throw new InvalidQueryException($"top_k is {query.TopK}; ask for 1 to {ShardLimits.TopKMax} hits.");
        if (VectorFault(query.Vector.Span, schema) is { } fault)
            throw new InvalidQueryException($"The query vector {fault}");
    }

    static string? VectorFault(ReadOnlySpan<float> vector, CollectionSchema schema)
    {
        if (vector.Length != schema.Dimensions)
        {
            throw new WrongDimensionsException(
                $"A vector of {vector.Length} dimensions came to a collection of {schema.Dimensions}. "
                + $"Send {schema.Dimensions} numbers.");
        }
        var length = Norms.Length(vector);
        if (!double.IsFinite(length))
            return "contains NaN or infinity. Send finite numbers.";
        if (schema.Metric == Metric.Cosine)
            return length > 0
                ? null
                : "is all zeros, which has no direction for cosine. Send another, or use Dot or Euclid.";
        return length <= ShardLimits.VectorLengthMax
            ? null
            : $"has length {length:g3}, beyond what float32 can compare. "
                + $"Scale vectors to at most {ShardLimits.VectorLengthMax:g}.";
    }
}
