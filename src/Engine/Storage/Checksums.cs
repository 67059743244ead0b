using System.IO.Hashing;
using System.Runtime.InteropServices;

namespace VectorDb.Engine.Storage;

/// <summary>
/// XXH3 with 64 bits (Yann Collet's xxHash, as in System.IO.Hashing), chained: the hash of one part is the seed of the
/// next. So a checksum ties the bytes of a row to its key, version and slot, and a row copied over another does not
/// pass.
/// </summary>
internal static class Checksums
{
    /// <summary>
    /// Stands for an absent part, which must differ from an empty one. An odd constant without other meaning.
    /// </summary>
    const long Absent = 0x5ac3_9e1d_7b24_f861;

    /// <param name="slot">The row's number.</param>
    /// <param name="key">The id.</param>
    /// <param name="version">The row's version.</param>
    /// <param name="vector">float32, little-endian.</param>
    public static long OfVector(long slot, ReadOnlySpan<byte> key, long version, ReadOnlySpan<byte> vector) =>
        Hash(vector, OfIdentity(slot, key, version));

    /// <summary>Payload and text, after the row's <see cref="OfIdentity"/>.</summary>
    public static long OfContents(long identity, Contents contents)
    {
        var withPayload = contents.HasPayload ? Hash(contents.Payload, identity) : identity ^ Absent;
        return contents.HasText ? Hash(contents.Text, withPayload) : withPayload ^ Absent;
    }

    public static long OfIdentity(long slot, ReadOnlySpan<byte> key, long version) =>
        Hash(key, Hash(MemoryMarshal.AsBytes([slot]), version));

    public static long OfBytes(ReadOnlySpan<byte> bytes) => Hash(bytes, 0);

    static long Hash(ReadOnlySpan<byte> bytes, long seed) => (long)XxHash3.HashToUInt64(bytes, seed);

    /// <summary>What a row carries besides its vector.</summary>
    public readonly ref struct Contents
    {
        public bool HasPayload { get; init; }

        public ReadOnlySpan<byte> Payload { get; init; }

        public bool HasText { get; init; }

        public ReadOnlySpan<byte> Text { get; init; }
    }
}
