using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The vertices that a walk may visit next, nearest first, at most as many as the walk is wide. An entry is one number:
/// the distance in sortable form, the vertex, and whether it was taken. Not thread-safe.
/// </summary>
internal sealed unsafe class CandidatePool : IDisposable
{
    const int Lanes = 8;

    ulong* _entries;
    int _room;
    int _width;
    int _count;
    int _next;

    /// <summary>Estimates at or above this do not enter.</summary>
    public float Limit { get; private set; } = float.PositiveInfinity;

    public void Reset(int width)
    {
        if (_room < width + Lanes)
        {
            NativeMemory.Free(_entries);
            _room = width + 8 * Lanes;
            _entries = (ulong*)NativeMemory.AllocZeroed((nuint)_room, sizeof(ulong));
        }
        (_width, _count, _next, Limit) = (width, 0, 0, float.PositiveInfinity);
    }

    public void Add(float distance, int vertex)
    {
        var entry = (ulong)Sortable(distance) << 32 | (uint)vertex << 1;
        if (_count == _width && entry >= _entries[_count - 1])
            return;
        var place = Rank(entry);
        if (_count < _width)
            _count++;
        MakeRoom(_entries + place, _entries + _count - 1);
        _entries[place] = entry;
        _next = Math.Min(_next, place);
        if (_count == _width)
            Limit = FromSortable((uint)(_entries[_count - 1] >> 32));
    }

    /// <summary>The nearest vertex not taken yet, which is thereby taken; false when there is none.</summary>
    public bool TryTake(out int vertex)
    {
        if (_next == _count)
        {
            vertex = -1;
            return false;
        }
        vertex = Vertex(_entries[_next]);
        _entries[_next] |= 1;
        _next = NextUntaken(_next + 1);
        return true;
    }

    /// <summary>The vertex that would be taken next, or -1.</summary>
    public int Peek() => _next == _count ? -1 : Vertex(_entries[_next]);

    /// <summary>The vertex that would be taken after the next, or -1.</summary>
    public int PeekSecond()
    {
        var second = _next == _count ? _count : NextUntaken(_next + 1);
        return second == _count ? -1 : Vertex(_entries[second]);
    }

    public void Dispose()
    {
        NativeMemory.Free(_entries);
        _entries = null;
        _room = 0;
    }

    static int Vertex(ulong entry) => (int)((uint)entry >> 1);

    int NextUntaken(int from)
    {
        while (from < _count && (_entries[from] & 1) != 0)
            from++;
        return from;
    }

    // How many entries are smaller. Halving mispredicts half of its branches; eight at a time have one.
    int Rank(ulong entry)
    {
        var (low, left) = (0, _count);
        while (left > 4 * Lanes)
        {
            var half = left >>> 1;
            if (_entries[low + half - 1] < entry)
                low += half;
            left -= half;
        }
        var wanted = Vector512.Create(entry);
        var rank = low;
        for (; left > 0; left -= Lanes, low += Lanes)
        {
            var smaller = Vector512.LessThan(Vector512.Load(_entries + low), wanted).ExtractMostSignificantBits();
            rank += BitOperations.PopCount(smaller & (left >= Lanes ? 0xFF : (1UL << left) - 1));
        }
        return rank;
    }

    // Moves the entries from place up to end (which is overwritten) by one. Moves are short: a call would cost more.
    static void MakeRoom(ulong* place, ulong* end)
    {
        while (end - place >= Lanes)
        {
            end -= Lanes;
            Vector512.Load(end).Store(end + 1);
        }
        while (end > place)
        {
            end--;
            end[1] = *end;
        }
    }

    /// <summary>Floats order as unsigned integers once the sign is folded in.</summary>
    public static uint Sortable(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return bits ^ ((uint)((int)bits >> 31) | 0x80000000);
    }

    static float FromSortable(uint key) =>
        BitConverter.UInt32BitsToSingle(key ^ ((uint)((int)~key >> 31) | 0x80000000));
}
