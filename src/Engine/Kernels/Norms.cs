using System.Numerics.Tensors;
using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// Lengths of vectors, in double: the square of a float32 fits there, so nothing overflows or vanishes.
/// </summary>
internal static class Norms
{
    /// <summary>
    /// A vector whose squared length is this near to 1 is kept as it is. Normalising a normalised vector moves some
    /// numbers by their last bit; rows that migrate from shard to shard must not drift. The score is wrong by at most
    /// half of it.
    /// </summary>
    const double UnitTolerance = 2e-7;

    /// <summary>L2 norm; NaN or infinite when a number is.</summary>
    public static double Length(ReadOnlySpan<float> vector) => Math.Sqrt(SquaredLength(vector));

    /// <summary>Writes <paramref name="vector"/>, whose length is finite and above 0, with L2 norm 1.</summary>
    public static void Normalize(ReadOnlySpan<float> vector, double length, Span<float> result)
    {
        if (Math.Abs(length * length - 1) <= UnitTolerance)
        {
            vector.CopyTo(result);
            return;
        }
        // In doubles, eight at a time: the same numbers as one by one.
        var (divisor, done) = (Vector512.Create(length), 0);
        for (; done <= vector.Length - 2 * Vector512<double>.Count; done += 2 * Vector512<double>.Count)
        {
            var (lower, upper) = Vector512.Widen(Vector512.Create(vector[done..]));
            Vector512.Narrow(lower / divisor, upper / divisor).CopyTo(result[done..]);
        }
        for (; done < vector.Length; done++)
            result[done] = (float)(vector[done] / length);
    }

    /// <summary>In chunks through the stack, because TensorPrimitives has no mixed-precision sum of squares.</summary>
    static double SquaredLength(ReadOnlySpan<float> vector)
    {
        Span<double> wide = stackalloc double[256];
        var sum = 0.0;
        while (!vector.IsEmpty)
        {
            var part = vector[..Math.Min(wide.Length, vector.Length)];
            TensorPrimitives.ConvertTruncating(part, wide);
            sum += TensorPrimitives.SumOfSquares<double>(wide[..part.Length]);
            vector = vector[part.Length..];
        }
        return sum;
    }
}
