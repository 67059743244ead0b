using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace VectorDb.Contracts.Blocks;

/// <summary>
/// Writes the items of a block (docs/architecture.md): little-endian, whole numbers of seven bits a byte, items that say their
/// length. Values that repeat from item to item, such as an operation's id, are written once. To be disposed.
/// </summary>
public ref struct BlockWriter : IDisposable
{
    /// <summary>A length of up to 2^28 in four bytes, so that it can be filled in afterwards.</summary>
    internal const int LengthBytes = 4;

    byte[] _buffer = ArrayPool<byte>.Shared.Rent(16 * 1024);
    int _length;
    int _itemStart;
    Guid _lastGuid;
    Uri? _lastUri;
    int[]? _lastShards;

    public BlockWriter()
    {
    }

    public readonly ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    internal void BeginItem()
    {
        Room(LengthBytes);
        _itemStart = _length;
    }

    internal readonly void EndItem() =>
        BinaryPrimitives.WriteInt32LittleEndian(_buffer.AsSpan(_itemStart - LengthBytes), _length - _itemStart);

    /// <summary>0 or more; small numbers take one byte.</summary>
    public void Number(long number)
    {
        var left = (ulong)number;
        for (; left >= 0x80; left >>= 7)
            Byte((byte)(left | 0x80));
        Byte((byte)left);
    }

    /// <summary>Any number, also a negative one.</summary>
    public void Signed(int number) => Number((uint)((number << 1) ^ (number >> 31)));

    public void Single(float number) => BinaryPrimitives.WriteSingleLittleEndian(Room(sizeof(float)), number);

    public void Byte(byte value) => Room(1)[0] = value;

    /// <summary>Null differs from empty.</summary>
    public void Bytes(byte[]? bytes)
    {
        Number(bytes is null ? 0 : bytes.Length + 1L);
        bytes.CopyTo(Room(bytes?.Length ?? 0));
    }

    /// <summary>Null differs from empty.</summary>
    public void Text(string? text)
    {
        if (text is null)
        {
            Number(0);
            return;
        }
        var size = Encoding.UTF8.GetByteCount(text);
        Number(size + 1L);
        Encoding.UTF8.GetBytes(text, Room(size));
    }

    /// <summary>One byte when it is that of the item before.</summary>
    public void Repeated(Guid id)
    {
        var isSame = id == _lastGuid;
        Byte(isSame ? (byte)0 : (byte)1);
        if (!isSame)
            id.TryWriteBytes(Room(16));
        _lastGuid = id;
    }

    /// <summary>One byte when it is that of the item before.</summary>
    public void Repeated(Uri? address)
    {
        var isSame = address == _lastUri;
        Byte(isSame ? (byte)0 : (byte)1);
        if (!isSame)
            Text(address?.OriginalString);
        _lastUri = address;
    }

    /// <summary>One byte when they are those of the item before.</summary>
    public void Repeated(int[] shards)
    {
        var isSame = _lastShards is not null && (ReferenceEquals(shards, _lastShards) || shards.AsSpan().SequenceEqual(_lastShards));
        Byte(isSame ? (byte)0 : (byte)1);
        if (!isSame)
        {
            Number(shards.Length);
            foreach (var shard in shards)
                Number(shard);
        }
        _lastShards = shards;
    }

    public void Dispose()
    {
        ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = [];
    }

    Span<byte> Room(int size)
    {
        if (_length + size > _buffer.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(_length + size, _buffer.Length * 2));
            Written.CopyTo(larger);
            ArrayPool<byte>.Shared.Return(_buffer);
            _buffer = larger;
        }
        _length += size;
        return _buffer.AsSpan(_length - size, size);
    }
}
