using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VectorDb.Contracts;

/// <summary>
/// The ids of operations whose fate can be asked. An id says by itself when the operation was accepted and how many points it has,
/// so that everyone who is asked knows, with no record that would have to be written first or could be lost. A UUID of version 8
/// (RFC 9562, 5.8): 48 bits of milliseconds since 1970, 12 bits of check, then 20 bits of points less one and 42 random bits.
/// </summary>
public static class OperationId
{
    const int RandomBits = 42;

    const ulong Version = 8UL << 12;

    const ulong Variant = 2UL << 62;

    /// <summary>`points`: 1 to <see cref="Limits.OperationPointsMax"/>.</summary>
    public static Guid New(int points, DateTimeOffset accepted)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(points, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(points, Limits.OperationPointsMax);
        Span<byte> random = stackalloc byte[sizeof(ulong)];
        RandomNumberGenerator.Fill(random);
        var time = (ulong)accepted.ToUnixTimeMilliseconds() << 16;
        var low = Variant | ((ulong)(points - 1) << RandomBits)
            | (BinaryPrimitives.ReadUInt64LittleEndian(random) & ((1UL << RandomBits) - 1));
        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt64BigEndian(bytes, time | Version | Check(time, low));
        BinaryPrimitives.WriteUInt64BigEndian(bytes[sizeof(ulong)..], low);
        return new(bytes, bigEndian: true);
    }

    /// <summary>False for an id that <see cref="New"/> did not make.</summary>
    public static bool TryRead(Guid id, out int points, out DateTimeOffset accepted)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        var high = BinaryPrimitives.ReadUInt64BigEndian(bytes);
        var low = BinaryPrimitives.ReadUInt64BigEndian(bytes[sizeof(ulong)..]);
        var time = high & ~0xFFFFUL;
        points = (int)((low & ~(3UL << 62)) >> RandomBits) + 1;
        // Beyond the year 9999 no date can be made of it, and it was not made by New either.
        var isOurs = low >> 62 == 2 && (high & 0xFFFF) == (Version | Check(time, low))
            && time >> 16 <= (ulong)DateTimeOffset.MaxValue.ToUnixTimeMilliseconds();
        accepted = isOurs ? DateTimeOffset.FromUnixTimeMilliseconds((long)(time >> 16)) : default;
        return isOurs;
    }

    /// <summary>The id is one of those whose outcomes shards record.</summary>
    public static bool IsRecorded(Guid id) => TryRead(id, out _, out _);

    /// <summary>
    /// Twelve bits that tell a mistyped id from one that was given out. The product's upper bits depend on all bits below
    /// (Fibonacci hashing; Knuth, The Art of Computer Programming 3, 6.4).
    /// </summary>
    static ulong Check(ulong time, ulong low) => ((time ^ (low * 0x9E3779B97F4A7C15UL)) * 0x9E3779B97F4A7C15UL) >> 52;
}
