using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// The vertices that a walk may visit next, nearest first, at most as many as the walk is wide. An entry is one number:
/// the distance in sortable form, the vertex, and whether it was taken. Written so that nothing depends on a branch that
/// cannot be foretold: a mispredicted one costs as much as eight entries moved. Not thread-safe.
/// </summary>
internal sealed unsafe class CandidatePool : IDisposable
{
    const int Lanes = 8;

    /// <summary>
    /// Pools up to here are gone through from the start; in wider ones the place is searched for first. With 96 searches 100 to 220 wide
    /// took a tenth longer on an Intel Xeon (Sapphire Rapids or later, 2026-11-26).
    /// </summary>
    const int Narrow = 256;

    /// <summary>Farther than any candidate: what stands in places not used yet.</summary>
    const ulong Nothing = 0xFF800000UL << 32;

    ulong* _entries;
    int _room;
    int _width;
    int _count;
    int _next;

    /// <summary>Estimates at or above this do not enter.</summary>
    public float Limit => FromSortable((uint)(_entries[_width - 1] >> 32));

    /// <summary>Entries at or above this do not enter.</summary>
    public ulong Last => _entries[_width - 1];

    public void Reset(int width)
    {
        var places = (width + Lanes) & ~(Lanes - 1);
        if (_room < places)
        {
            NativeMemory.AlignedFree(_entries);
            _room = places;
            _entries = (ulong*)NativeMemory.AlignedAlloc((nuint)_room * sizeof(ulong), Lanes * sizeof(ulong));
        }
        new Span<ulong>(_entries, places).Fill(Nothing);
        (_width, _count, _next) = (width, 0, 0);
    }

    public static ulong Entry(float distance, int vertex) => (ulong)Sortable(distance) << 32 | (uint)vertex << 1;

    public void Add(float distance, int vertex) => Add(Entry(distance, vertex));

    /// <summary>Puts an entry below <see cref="Last"/> in its place; the last one falls out of a full pool.</summary>
    public void Add(ulong entry)
    {
        _count = Math.Min(_count + 1, _width);
        var place = Avx512F.IsSupported ? Insert512(entry) : Insert(entry);
        _next = Math.Min(_next, place);
    }

    /// <summary>The nearest vertex not taken yet, which is thereby taken; false when there is none.</summary>
    public bool TryTake(out int vertex)
    {
        if (_next >= _count)
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
    public int Peek() => _next >= _count ? -1 : Vertex(_entries[_next]);

    /// <summary>The vertex that would be taken after the next, or -1.</summary>
    public int PeekSecond()
    {
        var second = NextUntaken(_next + 1);
        return second >= _count ? -1 : Vertex(_entries[second]);
    }

    public void Dispose()
    {
        NativeMemory.AlignedFree(_entries);
        _entries = null;
        _room = 0;
    }

    static int Vertex(ulong entry) => (int)((uint)entry >> 1);

    // The first place from here on whose entry is not taken; unused places are not.
    int NextUntaken(int from)
    {
        var at = from & ~(Lanes - 1);
        if (at >= _count)
            return _count;
        var untaken = Untaken(at) & (byte.MaxValue << (from & (Lanes - 1)));
        while (untaken == 0 && (at += Lanes) < _count)
            untaken = Untaken(at);
        return at + BitOperations.TrailingZeroCount(untaken);
    }

    int Untaken(int at) =>
        (int)Vector512.Equals(Vector512.Load(_entries + at) & Vector512.Create(1UL), Vector512<ulong>.Zero).ExtractMostSignificantBits();

    // In a sorted list, what stands at a place after an insertion is the smaller of what stood there and the larger of the
    // new entry and what stood before: eight places at a time, no branches.
    int Insert512(ulong entry)
    {
        var wanted = Vector512.Create(entry);
        var from = _count <= Narrow ? 0 : FirstVector(entry);
        var below = Vector512<ulong>.Zero;
        var place = from;
        for (var at = from; at < _count; at += Lanes)
        {
            var here = Vector512.Load(_entries + at);
            place += BitOperations.PopCount(Vector512.LessThan(here, wanted).ExtractMostSignificantBits());
            var before = Avx512F.AlignRight64(here, below, Lanes - 1);
            Vector512.Min(here, Vector512.Max(before, wanted)).Store(_entries + at);
            below = here;
        }
        return place;
    }

    // Where the first eight entries begin that are not all smaller.
    int FirstVector(ulong entry)
    {
        var (low, left) = (0, (_count - 1) / Lanes);
        while (left > 0)
        {
            var half = (left + 1) >>> 1;
            var smaller = _entries[(low + half) * Lanes - 1] < entry ? 1 : 0;
            low += half & -smaller;
            left -= half;
        }
        return low * Lanes;
    }

    int Insert(ulong entry)
    {
        var place = _count - 1;
        for (; place > 0 && _entries[place - 1] > entry; place--)
            _entries[place] = _entries[place - 1];
        _entries[place] = entry;
        return place;
    }

    /// <summary>Floats order as unsigned integers once the sign is folded in.</summary>
    public static uint Sortable(float x)
    {
        var bits = BitConverter.SingleToUInt32Bits(x);
        return bits ^ ((uint)((int)bits >> 31) | 0x80000000);
    }

    public static float FromSortable(uint key) =>
        BitConverter.UInt32BitsToSingle(key ^ ((uint)((int)~key >> 31) | 0x80000000));
}
