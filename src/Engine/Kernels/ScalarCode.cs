using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>Symmetric scalar codes: value ≈ scale·code, the largest magnitude of each vector at the end of the range.</summary>
public static unsafe class ScalarCode
{
    /// <summary>
    /// 8-bit codes in -range..range, 127 at most, of <paramref name="count"/> numbers (a multiple of 16); returns the scale, 0 for zeros.
    /// </summary>
    public static float Encode8(float* values, sbyte* code, int count, int range = 127)
    {
        var largest = Largest(values, count);
        var factor = largest > 0 ? range / largest : 0;
        if (!float.IsFinite(factor))
            factor = 0; // Numbers this small (denormal) are zeros to a code.
        for (var i = 0; i < count; i += 16)
        {
            var low = Vector256.Narrow(Round(values + i, factor), Round(values + i + 8, factor));
            Vector128.Narrow(low.GetLower(), low.GetUpper()).Store(code + i);
        }
        return factor == 0 ? 0 : largest / range;
    }

    /// <summary>
    /// 16-bit codes of <paramref name="count"/> numbers (a multiple of 16), as fine as <see cref="Int8Dot"/> can take
    /// without overflow: ±32,767 up to 516 dimensions, ±4,128 at 4,096. Returns the scale, 0 for zeros.
    /// </summary>
    public static float Encode16(float* values, short* code, int count)
    {
        var largest = Largest(values, count);
        var range = Math.Min(short.MaxValue, int.MaxValue / (127 * count));
        var factor = largest > 0 ? range / largest : 0;
        if (!float.IsFinite(factor))
            factor = 0;
        for (var i = 0; i < count; i += 16)
            Vector256.Narrow(Round(values + i, factor), Round(values + i + 8, factor)).Store(code + i);
        return factor == 0 ? 0 : largest / range;
    }

    /// <summary>
    /// Four more bits of each number: what <see cref="Encode8"/> rounded away, in sixteenths of its step. Bytes count/2; in
    /// each run of 64 numbers, byte i has number i in its low and number 32 + i in its high nibble.
    /// </summary>
    public static void EncodeTail(float* values, sbyte* code, float scale, byte* tail, int count)
    {
        var factor = scale > 0 && float.IsFinite(1 / scale) ? 1 / scale : 0;
        for (var i = 0; i < count; i += 64)
            for (var j = i; j < i + 32; j++)
                *tail++ = (byte)(Sixteenths(values[j] * factor - code[j]) | Sixteenths(values[j + 32] * factor - code[j + 32]) << 4);
    }

    /// <summary>Writes the sixteenths of <see cref="EncodeTail"/>, -8..7, one a number.</summary>
    public static void DecodeTail(byte* tail, sbyte* sixteenths, int count)
    {
        var eight = Vector256.Create((sbyte)8);
        for (var i = 0; i < count; i += 64, tail += 32)
        {
            var both = Vector256.Load(tail);
            ((both & Vector256.Create((byte)15)).AsSByte() - eight).Store(sixteenths + i);
            ((both >>> 4).AsSByte() - eight).Store(sixteenths + i + 32);
        }
    }

    static int Sixteenths(float rest) => Math.Clamp((int)MathF.Round(rest * 16) + 8, 0, 15);

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
