using System.Numerics.Tensors;

namespace VectorDb.Embedding;

/// <summary>Makes a sentence's vector of its tokens' vectors, as sentence-transformers does for both models.</summary>
internal static class Pooling
{
    /// <summary>Mean over the tokens, then L2 norm 1.</summary>
    /// <param name="hidden">float32, [tokens, dimensions], row-major; padding rows are not in it.</param>
    /// <param name="vector">float32, [dimensions]; overwritten.</param>
    /// <exception cref="InvalidOperationException">The model gave something that has no direction (NaN, infinity, zero).</exception>
    public static void MeanNormalized(ReadOnlySpan<float> hidden, Span<float> vector)
    {
        vector.Clear();
        for (var offset = 0; offset < hidden.Length; offset += vector.Length)
            TensorPrimitives.Add(vector, hidden.Slice(offset, vector.Length), vector);
        // The mean's divisor would cancel out in the norm.
        var norm = TensorPrimitives.Norm<float>(vector);
        if (!float.IsFinite(norm) || norm == 0)
            throw new InvalidOperationException($"The model gave a vector of norm {norm}; its file may be damaged.");
        TensorPrimitives.Divide(vector, norm, vector);
    }
}
