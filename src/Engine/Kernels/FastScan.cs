using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// Sums table entries for 32 one-bit codes at once: the register shuffle looks up 16 to 64 four-bit groups an instruction
/// (André, Kermarrec, Le Scouarnec, "Cache locality is not enough: PQ Fast Scan", VLDB 2015). Codes of 32 vectors lie
/// interleaved: 16 bytes a group of four coordinates, byte i with vector i in its low and vector 16 + i in its high nibble.
/// Integer sums: the same on every path.
/// </summary>
public static unsafe class FastScan
{
    /// <summary>Vectors in a block of codes.</summary>
    public const int Width = 32;

    /// <summary>Bytes of the codes of 32 vectors of this many (padded) dimensions.</summary>
    public static int CodeBytes(int paddedDimensions) => paddedDimensions * 4;

    /// <summary>
    /// Looks up <paramref name="bytes"/> bytes of codes (a multiple of 256) in <paramref name="table"/> and writes the 32
    /// sums. <see cref="SumTable"/> makes tables whose sums fit 16 bits.
    /// </summary>
    public static void Sum(byte* codes, byte* table, int bytes, ushort* sums)
    {
        if (Avx512BW.IsSupported)
            Sum512(codes, table, bytes, sums);
        else if (Avx2.IsSupported)
            Sum256(codes, table, bytes, sums);
        else
            SumPortable(codes, table, bytes, sums);
    }

    /// <summary>Writes the sign bits of one vector's groups, 64 coordinates a word, into place <paramref name="slot"/> of 32.</summary>
    public static void Write(byte* codes, int slot, ulong* signs, int words)
    {
        var shift = slot < 16 ? 0 : 4;
        var keep = (byte)(0xF0 >> shift);
        var target = codes + (slot & 15);
        for (var word = 0; word < words; word++)
        {
            var bits = signs[word];
            for (var group = 0; group < 16; group++, bits >>= 4, target += 16)
                *target = (byte)((*target & keep) | (int)(bits & 15) << shift);
        }
    }

    // Four groups are added as bytes. Those sums are then added twice as 16-bit numbers: as they are, where the odd byte
    // spoils the upper half, and shifted, which has the odd bytes alone and repairs the first at the end.
    internal static void Sum512(byte* codes, byte* table, int bytes, ushort* sums)
    {
        var nibble = Vector512.Create((byte)15);
        var (low, lowOdd) = (Vector512<ushort>.Zero, Vector512<ushort>.Zero);
        var (high, highOdd) = (Vector512<ushort>.Zero, Vector512<ushort>.Zero);
        for (var i = 0; i < bytes; i += 256)
        {
            var (c0, t0) = (Vector512.Load(codes + i), Vector512.Load(table + i));
            var (c1, t1) = (Vector512.Load(codes + i + 64), Vector512.Load(table + i + 64));
            var (c2, t2) = (Vector512.Load(codes + i + 128), Vector512.Load(table + i + 128));
            var (c3, t3) = (Vector512.Load(codes + i + 192), Vector512.Load(table + i + 192));
            var l = Avx512BW.Shuffle(t0, c0 & nibble) + Avx512BW.Shuffle(t1, c1 & nibble)
                + (Avx512BW.Shuffle(t2, c2 & nibble) + Avx512BW.Shuffle(t3, c3 & nibble));
            var h = Avx512BW.Shuffle(t0, Upper(c0) & nibble) + Avx512BW.Shuffle(t1, Upper(c1) & nibble)
                + (Avx512BW.Shuffle(t2, Upper(c2) & nibble) + Avx512BW.Shuffle(t3, Upper(c3) & nibble));
            low += l.AsUInt16();
            lowOdd += l.AsUInt16() >>> 8;
            high += h.AsUInt16();
            highOdd += h.AsUInt16() >>> 8;
        }
        Finish(Fold(low), Fold(lowOdd), sums);
        Finish(Fold(high), Fold(highOdd), sums + 16);
    }

    static Vector512<byte> Upper(Vector512<byte> x) => (x.AsUInt16() >>> 4).AsByte();

    static Vector128<ushort> Fold(Vector512<ushort> x)
    {
        var half = x.GetLower() + x.GetUpper();
        return half.GetLower() + half.GetUpper();
    }

    internal static void Sum256(byte* codes, byte* table, int bytes, ushort* sums)
    {
        var nibble = Vector256.Create((byte)15);
        var (low, lowOdd) = (Vector256<ushort>.Zero, Vector256<ushort>.Zero);
        var (high, highOdd) = (Vector256<ushort>.Zero, Vector256<ushort>.Zero);
        for (var i = 0; i < bytes; i += 64)
        {
            var (c0, t0) = (Vector256.Load(codes + i), Vector256.Load(table + i));
            var (c1, t1) = (Vector256.Load(codes + i + 32), Vector256.Load(table + i + 32));
            var l = Avx2.Shuffle(t0, c0 & nibble) + Avx2.Shuffle(t1, c1 & nibble);
            var h = Avx2.Shuffle(t0, (c0.AsUInt16() >>> 4).AsByte() & nibble)
                + Avx2.Shuffle(t1, (c1.AsUInt16() >>> 4).AsByte() & nibble);
            low += l.AsUInt16();
            lowOdd += l.AsUInt16() >>> 8;
            high += h.AsUInt16();
            highOdd += h.AsUInt16() >>> 8;
        }
        Finish(low.GetLower() + low.GetUpper(), lowOdd.GetLower() + lowOdd.GetUpper(), sums);
        Finish(high.GetLower() + high.GetUpper(), highOdd.GetLower() + highOdd.GetUpper(), sums + 16);
    }

    static void Finish(Vector128<ushort> all, Vector128<ushort> odd, ushort* sums)
    {
        var even = all - (odd << 8);
        // In one piece, as it is read again at once.
        Vector256.Create(Sse2.UnpackLow(even, odd), Sse2.UnpackHigh(even, odd)).Store(sums);
    }

    internal static void SumPortable(byte* codes, byte* table, int bytes, ushort* sums)
    {
        new Span<ushort>(sums, Width).Clear();
        for (var group = 0; group < bytes; group += 16)
            for (var i = 0; i < 16; i++)
            {
                sums[i] += table[group + (codes[group + i] & 15)];
                sums[16 + i] += table[group + (codes[group + i] >> 4)];
            }
    }
}
