using System.Buffers.Binary;
using System.Security.Cryptography;

namespace VectorDb.IngestWorker;

/// <summary>The names of moves: the operation that takes one version of an id to another shard.</summary>
static class Moves
{
    /// <summary>The same for the same id and version, for ever.</summary>
    public static Guid OperationOf(ReadOnlySpan<byte> id, long version)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> number = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64BigEndian(number, version);
        hash.AppendData("move"u8);
        hash.AppendData(number);
        hash.AppendData(id);
        return new Guid(hash.GetHashAndReset().AsSpan(0, 16), bigEndian: true);
    }
}
