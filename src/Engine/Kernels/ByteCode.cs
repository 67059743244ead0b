using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// A vector as a byte code, and what bounds the error of its products: |x·y - x̂·ŷ| is at most |x - x̂||y| + |x̂||y - ŷ| (Cauchy and
/// Schwarz). Where <see cref="ByteScores"/> works.
/// </summary>
/// <param name="Scale">The code times this is the vector that it stands for, x̂.</param>
/// <param name="Error">At least |x - x̂|.</param>
/// <param name="Length">At least |x|.</param>
internal readonly unsafe record struct ByteCode(float Scale, float Error, float Length)
{
    /// <summary>Above the rounding of sums of 4,096 squares.</summary>
    const float Generous = 1.001f;

    /// <summary>Above what squares lose that are too small for a float32.</summary>
    const float Tiny = 1e-17f;

    /// <param name="values">Finite, a multiple of 16, 64-byte aligned.</param>
    /// <param name="count">How many.</param>
    /// <param name="code">To be filled: -range to range.</param>
    /// <param name="range">At most 127.</param>
    public static ByteCode Encode(float* values, int count, sbyte* code, int range)
    {
        var scale = ScalarCode.Encode8(values, code, count, range);
        var (errors, squares, step) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256.Create(-scale));
        for (var i = 0; i < count; i += 8)
        {
            var value = Vector256.LoadAligned(values + i);
            var error = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(code + i)), step, value);
            errors = Vector256.FusedMultiplyAdd(error, error, errors);
            squares = Vector256.FusedMultiplyAdd(value, value, squares);
        }
        return new(scale, Generous * MathF.Sqrt(Vector256.Sum(errors)) + Tiny, Generous * MathF.Sqrt(Vector256.Sum(squares)) + Tiny);
    }
}
