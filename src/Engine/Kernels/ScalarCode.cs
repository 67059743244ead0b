using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>Symmetric scalar codes: value ≈ scale·code, the largest magnitude of each vector at the end of the range.</summary>
public static unsafe class ScalarCode
{
    /// <summary>8-bit codes in -127..127 of <paramref name="count"/> numbers (a multiple of 16); returns the scale, 0 for zeros.</summary>
    public static float Encode8(float* values, sbyte* code, int count)
    {
        var largest = Largest(values, count);
        var factor = largest > 0 ? 127 / largest : 0;
        if (!float.IsFinite(factor))
            factor = 0; // Numbers this small (denormal) are zeros to a code.
        for (var i = 0; i < count; i += 16)
        {
            var low = Vector256.Narrow(Round(values + i, factor), Round(values + i + 8, factor));
            Vector128.Narrow(low.GetLower(), low.GetUpper()).Store(code + i);
        }
        return factor == 0 ? 0 : largest / 127;
    }

    /// <summary>16-bit codes in -32767..32767 of <paramref name="count"/> numbers (a multiple of 16); returns the scale, 0 for zeros.</summary>
    public static float Encode16(float* values, short* code, int count)
    {
        var largest = Largest(values, count);
        var factor = largest > 0 ? 32767 / largest : 0;
        if (!float.IsFinite(factor))
            factor = 0;
        for (var i = 0; i < count; i += 16)
            Vector256.Narrow(Round(values + i, factor), Round(values + i + 8, factor)).Store(code + i);
        return factor == 0 ? 0 : largest / 32767;
    }

    static Vector256<int> Round(float* values, float factor) =>
        Vector256.ConvertToInt32(Vector256.Round(Vector256.Load(values) * Vector256.Create(factor)));

    static float Largest(float* values, int count)
    {
        var most = Vector256<float>.Zero;
        for (var i = 0; i < count; i += 8)
            most = Vector256.Max(most, Vector256.Abs(Vector256.Load(values + i)));
        var largest = 0f;
        for (var i = 0; i < 8; i++)
            largest = Math.Max(largest, most[i]);
        return largest;
    }
}
