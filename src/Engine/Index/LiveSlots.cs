using System.Diagnostics;
using System.Numerics;

namespace VectorDb.Engine.Index;

/// <summary>
/// An immutable set of slots, as a bitmap in pages of 4,096. <see cref="With"/> makes the next set and copies only the
/// pages that change, so a snapshot of a million rows costs a batch of writes a few kilobytes.
/// </summary>
internal sealed class LiveSlots
{
    const int WordsPerPage = 64;
    const int SlotsPerPage = WordsPerPage * 64;

    public static readonly LiveSlots Empty = new([], 0);

    /// <summary>Shared by all pages without a slot, so that sparse sets are walked fast; never written.</summary>
    static readonly ulong[] NoSlots = new ulong[WordsPerPage];

    readonly ulong[][] _pages;

    LiveSlots(ulong[][] pages, int count) => (_pages, Count) = (pages, count);

    /// <summary>How many slots are in the set.</summary>
    public int Count { get; }

    /// <summary>Words of 64 slots; no slot of the set lies beyond the last.</summary>
    public int WordCount => _pages.Length * WordsPerPage;

    public bool Contains(int slot)
    {
        var word = slot >> 6;
        return word < WordCount && (Word(word) >> (slot & 63) & 1) != 0;
    }

    /// <summary>Slots 64 * <paramref name="index"/> and on, the first in the lowest bit.</summary>
    public ulong Word(int index) => _pages[index / WordsPerPage][index % WordsPerPage];

    /// <summary>The first word from <paramref name="index"/> on that may have a slot; <see cref="WordCount"/> at the end.</summary>
    public int Skip(int index)
    {
        while (index < WordCount && ReferenceEquals(_pages[index / WordsPerPage], NoSlots))
            index = (index / WordsPerPage + 1) * WordsPerPage;
        return index;
    }

    /// <summary>The slots that are in both sets.</summary>
    public LiveSlots Intersect(LiveSlots other)
    {
        var pages = new ulong[Math.Min(_pages.Length, other._pages.Length)][];
        var count = 0;
        for (var page = 0; page < pages.Length; page++)
        {
            var words = new ulong[WordsPerPage];
            var inPage = 0;
            for (var word = 0; word < WordsPerPage; word++)
            {
                words[word] = _pages[page][word] & other._pages[page][word];
                inPage += BitOperations.PopCount(words[word]);
            }
            pages[page] = inPage == 0 ? NoSlots : words;
            count += inPage;
        }
        return new LiveSlots(pages, count);
    }

    /// <summary>This set without <paramref name="removed"/> and with <paramref name="added"/>.</summary>
    public LiveSlots With(ReadOnlySpan<int> added, ReadOnlySpan<int> removed)
    {
        var pageCount = _pages.Length;
        foreach (var slot in added)
            pageCount = Math.Max(pageCount, slot / SlotsPerPage + 1);
        var pages = new ulong[pageCount][];
        _pages.CopyTo(pages, 0);
        for (var page = _pages.Length; page < pageCount; page++)
            pages[page] = NoSlots;
        var count = Count;
        foreach (var slot in removed)
            count -= Change(pages, slot, live: false);
        foreach (var slot in removed)
        {
            if (!pages[slot / SlotsPerPage].AsSpan().ContainsAnyExcept(0UL))
                pages[slot / SlotsPerPage] = NoSlots;
        }
        foreach (var slot in added)
            count += Change(pages, slot, live: true);
        Debug.Assert(count == pages.Sum(page => page.Sum(BitOperations.PopCount)), "the count follows the bits");
        return new LiveSlots(pages, count);
    }

    int Change(ulong[][] pages, int slot, bool live)
    {
        var page = slot / SlotsPerPage;
        if (ReferenceEquals(pages[page], NoSlots) || (page < _pages.Length && ReferenceEquals(pages[page], _pages[page])))
            pages[page] = (ulong[])pages[page].Clone();
        ref var word = ref pages[page][slot / 64 % WordsPerPage];
        var bit = 1UL << (slot & 63);
        var changes = (word & bit) != 0 != live;
        word = live ? word | bit : word & ~bit;
        return changes ? 1 : 0;
    }
}
