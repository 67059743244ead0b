using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace VectorDb.Contracts;

/// <summary>Vectors on the wire: little-endian float32 bytes, four a number (a quarter of JSON's size and no parsing).</summary>
public static class VectorBytes
{
    /// <summary>`vector`: any length. Returns four bytes a number.</summary>
    public static byte[] From(ReadOnlySpan<float> vector)
    {
        var bytes = new byte[vector.Length * sizeof(float)];
        if (BitConverter.IsLittleEndian)
            MemoryMarshal.AsBytes(vector).CopyTo(bytes);
        else
            for (var i = 0; i < vector.Length; i++)
                BinaryPrimitives.WriteSingleLittleEndian(bytes.AsSpan(i * sizeof(float)), vector[i]);
        return bytes;
    }

    /// <summary>`bytes`: a multiple of four. Returns one number for each four.</summary>
    /// <exception cref="FormatException">The length is not a multiple of four.</exception>
    public static float[] ToFloats(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length % sizeof(float) != 0)
            throw new FormatException($"A vector takes four bytes a number; {bytes.Length} bytes are not a whole vector.");
        var vector = new float[bytes.Length / sizeof(float)];
        if (BitConverter.IsLittleEndian)
            bytes.CopyTo(MemoryMarshal.AsBytes(vector.AsSpan()));
        else
            for (var i = 0; i < vector.Length; i++)
                vector[i] = BinaryPrimitives.ReadSingleLittleEndian(bytes[(i * sizeof(float))..]);
        return vector;
    }

    /// <summary>Numbers in a vector of so many bytes.</summary>
    public static int Dimensions(byte[] bytes) => bytes.Length / sizeof(float);
}
