using System.Runtime.Intrinsics.X86;
using CsCheck;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Tests.Kernels;

public sealed unsafe class FastScanTests
{
    static readonly Gen<(int Dimensions, int Offset, int Seed)> Cases =
        Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 63], Gen.Int[0, int.MaxValue - 1]);

    [Fact]
    public void EveryPath_GivesTheSumsOfTheDefinition() => Cases.Sample(
        c =>
        {
            var random = new Random(c.Seed);
            var padded = Rotation.Pad(c.Dimensions);
            var bytes = FastScan.CodeBytes(padded);
            using var codes = new NativeBuffer<byte>(bytes, c.Offset);
            using var table = new NativeBuffer<byte>(bytes, c.Offset / 2);
            using var sums = new NativeBuffer<ushort>(FastScan.Width, c.Offset / 2 * 2);
            random.NextBytes(codes.Span);
            foreach (ref var entry in table.Span)
                entry = (byte)random.Next(SumTable.MaxEntry + 1);
            var expected = Sums(codes.Span, table.Span);
            FastScan.Sum(codes.Pointer, table.Pointer, bytes, sums.Pointer);
            Assert.Equal(expected, sums.Span.ToArray());
            FastScan.SumPortable(codes.Pointer, table.Pointer, bytes, sums.Pointer);
            Assert.Equal(expected, sums.Span.ToArray());
            if (Avx2.IsSupported)
            {
                FastScan.Sum256(codes.Pointer, table.Pointer, bytes, sums.Pointer);
                Assert.Equal(expected, sums.Span.ToArray());
            }
        },
        iter: 300);

    [Fact]
    public void TheLargestSumOf4096Dimensions_Fits16Bits()
    {
        var bytes = FastScan.CodeBytes(4096);
        using var codes = new NativeBuffer<byte>(bytes);
        using var table = new NativeBuffer<byte>(bytes);
        using var sums = new NativeBuffer<ushort>(FastScan.Width);
        table.Span.Fill(SumTable.MaxEntry);
        FastScan.Sum(codes.Pointer, table.Pointer, bytes, sums.Pointer);
        Assert.All(sums.Span.ToArray(), sum => Assert.Equal(1024 * SumTable.MaxEntry, sum));
    }

    [Fact]
    public void AWrittenCode_IsFoundInItsSlotAndNoOtherChanges() => Gen.Select(Gen.Int[1, 40], Gen.Int[0, 31], Gen.Int[0, 1 << 30]).Sample(
        (words, slot, seed) =>
        {
            var random = new Random(seed);
            using var codes = new NativeBuffer<byte>(words * 256);
            using var signs = new NativeBuffer<ulong>(words);
            random.NextBytes(codes.Span);
            foreach (ref var word in signs.Span)
                word = (ulong)random.NextInt64();
            var before = codes.Span.ToArray();
            FastScan.Write(codes.Pointer, slot, signs.Pointer, words);
            for (var group = 0; group < words * 16; group++)
                for (var i = 0; i < FastScan.Width; i++)
                {
                    var expected = i == slot ? (int)(signs.Span[group / 16] >> group % 16 * 4 & 15) : Nibble(before, group, i);
                    Assert.Equal(expected, Nibble(codes.Span, group, i));
                }
        },
        iter: 200);

    static int Nibble(ReadOnlySpan<byte> codes, int group, int slot) => codes[group * 16 + slot % 16] >> (slot < 16 ? 0 : 4) & 15;

    static ushort[] Sums(ReadOnlySpan<byte> codes, ReadOnlySpan<byte> table)
    {
        var sums = new ushort[FastScan.Width];
        for (var group = 0; group < codes.Length / 16; group++)
            for (var i = 0; i < sums.Length; i++)
                sums[i] += table[group * 16 + Nibble(codes, group, i)];
        return sums;
    }
}
