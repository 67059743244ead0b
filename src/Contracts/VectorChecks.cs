namespace VectorDb.Contracts;

/// <summary>What can be wrong with a vector that somebody sent.</summary>
public static class VectorChecks
{
    /// <summary>
    /// Whatever collection it is for: size within limits, every number finite. A clause that says what is wrong; null if
    /// nothing is.
    /// </summary>
    public static string? Problem(ReadOnlySpan<float> vector)
    {
        if (vector.Length == 0)
            return "has an empty vector; give at least one number";
        if (vector.Length > Limits.DimensionsMax)
            return $"has a vector of {vector.Length} numbers; at most {Limits.DimensionsMax} are allowed";
        for (var i = 0; i < vector.Length; i++)
            if (!float.IsFinite(vector[i]))
                return $"has a number at vector[{i}] that is not finite as a 32-bit float (at most about 3.4e38)";
        return null;
    }

    /// <summary>For a collection: the right size, and a direction where cosine needs one.</summary>
    public static string? Problem(ReadOnlySpan<float> vector, CollectionShape shape)
    {
        if (vector.Length != shape.Dimensions)
            return $"has a vector of {vector.Length} numbers, but the collection '{shape.Name}' has vectors of {shape.Dimensions}";
        return shape.Metric == "Cosine" && vector.IndexOfAnyExcept(0f) < 0
            ? "has a vector of zeros only, which has no direction; cosine needs one number that is not zero"
            : null;
    }

    /// <summary>Why texts cannot go into a collection with a model of another size or another model; null if they can.</summary>
    public static string? TextProblem(CollectionShape shape, string model, string checksum, int modelDimensions)
    {
        if (modelDimensions != shape.Dimensions)
            return $"has a text, but the model {model} makes vectors of {modelDimensions} numbers and the collection " +
                $"'{shape.Name}' has vectors of {shape.Dimensions}; give a vector, or use a model of that size";
        return shape.ModelChecksum is null || shape.ModelChecksum == checksum
            ? null
            : $"has a text, but the collection '{shape.Name}' was made with another model file " +
                $"({shape.Model}, SHA-256 {shape.ModelChecksum[..12]}) than the server has now ({model}, {checksum[..12]}); " +
                "start the server with that model, or use another data folder";
    }
}
