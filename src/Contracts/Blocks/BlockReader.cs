using System.Buffers.Binary;
using System.Text;

namespace VectorDb.Contracts.Blocks;

/// <summary>Reads what <see cref="BlockWriter"/> wrote. Whatever does not add up is a <see cref="FormatException"/>.</summary>
public ref struct BlockReader
{
    readonly ReadOnlySpan<byte> _block;
    int _at;
    int _itemEnd;
    Guid _lastGuid;
    Uri? _lastUri;
    int[]? _lastShards;

    internal BlockReader(ReadOnlySpan<byte> block)
    {
        _block = block;
        _itemEnd = block.Length;
    }

    /// <summary>The item has no more values: one written before a later one was added ends here.</summary>
    public readonly bool IsAtEnd => _at >= _itemEnd;

    internal void BeginItem()
    {
        _itemEnd = _block.Length;
        var length = BinaryPrimitives.ReadInt32LittleEndian(Take(BlockWriter.LengthBytes));
        if (length < 0 || length > _block.Length - _at)
            throw Broken();
        _itemEnd = _at + length;
    }

    /// <summary>Values added by a later version are skipped.</summary>
    internal void EndItem() => _at = _itemEnd;

    public long Number()
    {
        var number = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return (long)number;
        }
        throw Broken();
    }

    /// <summary>A number that counts something or names a shard.</summary>
    public int Whole() => Number() is var number and >= 0 and <= int.MaxValue ? (int)number : throw Broken();

    public int Signed()
    {
        var number = (uint)Number();
        return (int)(number >> 1) ^ -(int)(number & 1);
    }

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(sizeof(float)));

    public byte Byte() => Take(1)[0];

    public byte[]? Bytes() => Whole() is var size and > 0 ? Take(size - 1).ToArray() : null;

    /// <summary>Bytes that must be there.</summary>
    public byte[] RequiredBytes() => Bytes() ?? throw Broken();

    public string? Text() => Whole() is var size and > 0 ? Encoding.UTF8.GetString(Take(size - 1)) : null;

    public Guid RepeatedGuid() => Byte() == 0 ? _lastGuid : _lastGuid = new Guid(Take(16));

    public Uri? RepeatedUri() => Byte() == 0 ? _lastUri : _lastUri = Text() is { } text ? new Uri(text) : null;

    /// <summary>Items that have the same shards share the array.</summary>
    public int[] RepeatedShards()
    {
        if (Byte() == 0)
            return _lastShards ?? throw Broken();
        var count = Whole();
        if (count > _itemEnd - _at)
            throw Broken();
        var shards = new int[count];
        foreach (ref var shard in shards.AsSpan())
            shard = Whole();
        return _lastShards = shards;
    }

    static FormatException Broken() => new("A block in a message is damaged, or was written by a later version.");

    ReadOnlySpan<byte> Take(int size)
    {
        if (size > _itemEnd - _at)
            throw Broken();
        _at += size;
        return _block.Slice(_at - size, size);
    }
}
