using System.Numerics;

namespace VectorDb.Contracts;

/// <summary>
/// A set of ordinals as it travels: ordinal n is bit n % 8 of byte n / 8. At most 128 KiB, since an operation has at most
/// <see cref="Limits.OperationPointsMax"/> points; what lies beyond is left out.
/// </summary>
public static class OrdinalBits
{
    public static byte[] From(IEnumerable<int> ordinals)
    {
        var bits = Array.Empty<byte>();
        foreach (var ordinal in ordinals)
        {
            if (ordinal is < 0 or >= Limits.OperationPointsMax)
                continue;
            if (ordinal / 8 >= bits.Length)
                Array.Resize(ref bits, Math.Max(bits.Length * 2, ordinal / 8 + 1));
            bits[ordinal / 8] |= (byte)(1 << (ordinal % 8));
        }
        return bits.AsSpan().TrimEnd((byte)0).ToArray();
    }

    public static byte[] Union(byte[] left, byte[] right)
    {
        var (union, other) = left.Length >= right.Length ? ((byte[])left.Clone(), right) : ((byte[])right.Clone(), left);
        for (var i = 0; i < other.Length; i++)
            union[i] |= other[i];
        return union;
    }

    /// <summary>Those of `bits` that are not in `without`.</summary>
    public static byte[] Except(byte[] bits, byte[] without)
    {
        var rest = (byte[])bits.Clone();
        for (var i = 0; i < Math.Min(rest.Length, without.Length); i++)
            rest[i] &= (byte)~without[i];
        return rest;
    }

    public static int Count(byte[] bits) => bits.Sum(part => BitOperations.PopCount(part));

    /// <summary>Ascending.</summary>
    public static IEnumerable<int> Ordinals(byte[] bits)
    {
        for (var i = 0; i < bits.Length; i++)
            for (var rest = (uint)bits[i]; rest != 0; rest &= rest - 1)
                yield return i * 8 + BitOperations.TrailingZeroCount(rest);
    }
}
