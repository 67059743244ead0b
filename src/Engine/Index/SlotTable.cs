using System.Diagnostics;
using System.Runtime.CompilerServices;

namespace VectorDb.Engine.Index;

/// <summary>
/// Key and version of the row in each slot: 32 bytes a slot for keys up to 23 bytes, an array of their own for longer
/// ones. The writer fills a slot before any snapshot contains it and leaves it alone until no snapshot does, so readers
/// need no lock.
/// </summary>
internal sealed class SlotTable : ISlotOrder
{
    const int ChunkSlots = 4096;
    const int InlineBytes = 23;
    const byte LongKey = byte.MaxValue;

    Chunk[] _chunks = [];

    public long Bytes => (long)_chunks.Length * ChunkSlots * Unsafe.SizeOf<Cell>();

    public void Reserve(int slotLimit)
    {
        var count = (slotLimit + ChunkSlots - 1) / ChunkSlots;
        if (count <= _chunks.Length)
            return;
        var chunks = new Chunk[count];
        _chunks.CopyTo(chunks, 0);
        for (var i = _chunks.Length; i < count; i++)
            chunks[i] = new Chunk();
        Volatile.Write(ref _chunks, chunks);
    }

    public void Set(int slot, ReadOnlySpan<byte> key, long version)
    {
        Debug.Assert(!key.IsEmpty);
        var chunk = _chunks[slot / ChunkSlots];
        ref var cell = ref chunk.Cells[slot % ChunkSlots];
        cell.Version = version;
        if (key.Length <= InlineBytes)
        {
            cell.Length = (byte)key.Length;
            key.CopyTo(cell.Key);
            return;
        }
        cell.Length = LongKey;
        chunk.LongKeys ??= new byte[]?[ChunkSlots];
        chunk.LongKeys[slot % ChunkSlots] = key.ToArray();
    }

    public PointKey Key(int slot)
    {
        var chunk = Volatile.Read(ref _chunks)[slot / ChunkSlots];
        return chunk.Cells[slot % ChunkSlots].Length == LongKey
            ? new PointKey(chunk.LongKeys![slot % ChunkSlots]!)
            : new PointKey(KeySpan(slot).ToArray());
    }

    public long Version(int slot) => Volatile.Read(ref _chunks)[slot / ChunkSlots].Cells[slot % ChunkSlots].Version;

    public int Compare(int left, int right) => KeySpan(left).SequenceCompareTo(KeySpan(right));

    ReadOnlySpan<byte> KeySpan(int slot)
    {
        var chunk = Volatile.Read(ref _chunks)[slot / ChunkSlots];
        ref var cell = ref chunk.Cells[slot % ChunkSlots];
        return cell.Length == LongKey
            ? chunk.LongKeys![slot % ChunkSlots]
            : ((ReadOnlySpan<byte>)cell.Key)[..cell.Length];
    }

    sealed class Chunk
    {
        public readonly Cell[] Cells = new Cell[ChunkSlots];
        public byte[]?[]? LongKeys;
    }

    struct Cell
    {
        public long Version;
        public byte Length;
        public KeyBytes Key;
    }

    [InlineArray(InlineBytes)]
    struct KeyBytes
    {
        byte _first;
    }
}
