using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VectorDb.Contracts;

/// <summary>Which shard keeps the directory entry of an id: a pure function of the id and the number of shards.</summary>
public static class Home
{
    /// <summary>`key`: <see cref="PointId.ToKey"/>; `shardCount`: at least 1. Returns 0 to shardCount - 1, the same for ever.</summary>
    public static int Of(ReadOnlySpan<byte> key, int shardCount)
    {
        // SHA-256 because its result can never change under us, as runtime hash codes do; 0.2 us an id.
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(key, digest);
        return JumpHash(BinaryPrimitives.ReadUInt64LittleEndian(digest), shardCount);
    }

    /// <summary>The shard that keeps what is to be known of an operation as a whole.</summary>
    public static int Of(Guid operationId, int shardCount) => Of(operationId.ToByteArray(bigEndian: true), shardCount);

    /// <summary>
    /// Jump consistent hash (Lamping and Veach, "A Fast, Minimal Memory, Consistent Hash Algorithm", 2014): growing from n to
    /// n + 1 buckets moves only 1 / (n + 1) of the keys.
    /// </summary>
    static int JumpHash(ulong hash, int bucketCount)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(bucketCount, 1);
        long bucket = -1, next = 0;
        while (next < bucketCount)
        {
            bucket = next;
            hash = unchecked((hash * 2862933555777941757UL) + 1);
            next = (long)((bucket + 1) * ((1L << 31) / (double)((hash >> 33) + 1)));
        }
        return (int)bucket;
    }
}
