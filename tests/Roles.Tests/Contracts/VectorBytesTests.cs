using CsCheck;
using VectorDb.Contracts;

namespace VectorDb.Roles.Tests;

public sealed class VectorBytesTests
{
    [Fact]
    public void Bytes_GiveTheNumbersBackToTheLastBit() => Gen.Float.Array[0, 50].Sample(vector =>
        Assert.Equal(vector.Select(BitConverter.SingleToInt32Bits),
            VectorBytes.ToFloats(VectorBytes.From(vector)).Select(BitConverter.SingleToInt32Bits)));

    [Fact]
    public void Bytes_AreLittleEndianFloat32()
    {
        Assert.Equal([0x00, 0x00, 0x80, 0x3f, 0x00, 0x00, 0x20, 0xc1], VectorBytes.From([1f, -10f]));
        Assert.Equal(2, VectorBytes.Dimensions(new byte[8]));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(7)]
    public void PartOfANumber_IsRefused(int bytes) =>
        Assert.Contains($"{bytes} bytes", Assert.Throws<FormatException>(() => VectorBytes.ToFloats(new byte[bytes])).Message);
}
