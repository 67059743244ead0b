using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// One-bit codes of residuals (RaBitQ: Gao, Long, SIGMOD 2024, arXiv 2405.12497). With r = x - c, b its sign bits and
/// κ = ‖r‖²/‖r‖₁, the product ⟨r, s⟩ is estimated without bias by κ·Σ(2b-1)·s. The part of c is folded into a constant, so a
/// query needs one table whatever vectors its candidates hang on:
/// ‖x - q‖² ≈ ‖c - q‖² + Addend - Rescale·(S - Q/2), where S sums q where b is 1 and Q sums all of q.
/// </summary>
public static unsafe class SignCode
{
    /// <summary>The two numbers that turn a code's sum into a distance, and what the residual measures.</summary>
    /// <param name="Addend">‖r‖² + 2κ·Σ(2b-1)·c.</param>
    /// <param name="Rescale">4κ; 0 when x = c.</param>
    /// <param name="SquaredLength">‖r‖².</param>
    public readonly record struct Factors(float Addend, float Rescale, float SquaredLength);

    /// <summary>
    /// The code of scale·code around the centre centerScale·center, all of <paramref name="count"/> numbers (a multiple of
    /// 64). <paramref name="signs"/> gets count/64 words, coordinate i in bit i % 64.
    /// </summary>
    public static Factors Encode(ScaledCode vector, ScaledCode center, int count, ulong* signs)
    {
        var (length, square, along) = (Vector256<float>.Zero, Vector256<float>.Zero, Vector256<float>.Zero);
        var (scale, centerScale) = (Vector256.Create(vector.Scale), Vector256.Create(center.Scale));
        for (var word = 0; word < count; word += 64)
        {
            ulong bits = 0;
            for (var i = 0; i < 64; i += 8)
            {
                var c = Load(center.Code + word + i) * centerScale;
                var r = Load(vector.Code + word + i) * scale - c;
                var positive = Vector256.GreaterThan(r, Vector256<float>.Zero);
                bits |= (ulong)positive.ExtractMostSignificantBits() << i;
                length += Vector256.Abs(r);
                square += r * r;
                along += Vector256.ConditionalSelect(positive, c, -c);
            }
            signs[word >> 6] = bits;
        }
        var (l1, l2) = (Vector256.Sum(length), Vector256.Sum(square));
        var kappa = l1 > 0 ? l2 / l1 : 0;
        return new(l2 + 2 * kappa * Vector256.Sum(along), 4 * kappa, l2);
    }

    static Vector256<float> Load(sbyte* codes) => Vector256.ConvertToSingle(
        Avx2.IsSupported
            ? Avx2.ConvertToVector256Int32(codes)
            : Vector256.Create(codes[0], codes[1], codes[2], codes[3], codes[4], codes[5], codes[6], codes[7]));

    /// <summary>
    /// The 32 distances of a block of codes: base + addend - rescale·(step·sum + offset), and which of them are below
    /// <paramref name="limit"/> (bit i for code i). Rescales as <see cref="ToHalf"/> makes them.
    /// </summary>
    public static uint Estimate(ushort* sums, float* addend, ushort* rescale, in EstimateTerms terms, float limit, float* distances)
    {
        var (step, offset) = (Vector512.Create(terms.Step), Vector512.Create(terms.Offset));
        var (start, cut) = (Vector512.Create(terms.Base), Vector512.Create(limit));
        uint below = 0;
        for (var i = 0; i < FastScan.Width; i += 16)
        {
            var product = Vector512.ConvertToSingle(Widen(sums + i)) * step + offset;
            var estimate = start + Vector512.Load(addend + i) - (Widen(rescale + i) << 16).AsSingle() * product;
            estimate.Store(distances + i);
            below |= (uint)Vector512.LessThan(estimate, cut).ExtractMostSignificantBits() << i;
        }
        return below;
    }

    /// <summary>
    /// The upper half of a float, rounded to the nearest: eight bits of its fraction. Wrong by at most one in 500, while
    /// an estimate with one bit a coordinate is wrong by more than one in 50; and no number is too large or small for it.
    /// </summary>
    public static ushort ToHalf(float x) => (ushort)((BitConverter.SingleToUInt32Bits(x) + 0x8000) >> 16);

    public static float FromHalf(ushort half) => BitConverter.UInt32BitsToSingle((uint)half << 16);

    static Vector512<int> Widen(ushort* x)
    {
        var narrow = Vector256.Load(x);
        return Avx512F.IsSupported
            ? Avx512F.ConvertToVector512Int32(narrow)
            : Vector512.Create(Vector256.WidenLower(narrow), Vector256.WidenUpper(narrow)).AsInt32();
    }
}

/// <summary>A vector as <see cref="ScalarCode"/> wrote it: scale·code.</summary>
public readonly unsafe struct ScaledCode(sbyte* code, float scale)
{
    public readonly sbyte* Code = code;
    public readonly float Scale = scale;
}

/// <summary>What a query (step, offset of its <see cref="SumTable"/>) and a centre (the base) add to an estimate.</summary>
public readonly record struct EstimateTerms(float Base, float Step, float Offset);
