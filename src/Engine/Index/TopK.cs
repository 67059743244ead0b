using System.Diagnostics;

namespace VectorDb.Engine.Index;

/// <summary>
/// The k nearest slots offered so far: a bounded binary heap with the worst on top, over arrays that are kept between
/// searches, so that offering allocates nothing. Equal ranks are ordered by key, at the cut as well as inside.
/// Not safe for several threads.
/// </summary>
internal sealed class TopK
{
    float[] _ranks = [];
    int[] _slots = [];
    ISlotOrder? _order;
    int _capacity;

    public int Count { get; private set; }

    /// <summary>How many are wanted.</summary>
    public int Capacity => _capacity;

    /// <summary>Below this rank an offer changes nothing; at it, the key decides.</summary>
    public float Threshold { get; private set; } = float.NegativeInfinity;

    /// <summary>Best first, after <see cref="Sort"/>.</summary>
    public ReadOnlySpan<float> RankSpan => _ranks.AsSpan(0, Count);

    /// <summary>Parallel to <see cref="RankSpan"/>.</summary>
    public ReadOnlySpan<int> SlotSpan => _slots.AsSpan(0, Count);

    /// <summary>Empties the heap for a search of the <paramref name="capacity"/> nearest, at least 1.</summary>
    public void Reset(int capacity, ISlotOrder order)
    {
        Debug.Assert(capacity > 0);
        if (_ranks.Length < capacity)
        {
            _ranks = new float[capacity];
            _slots = new int[capacity];
        }
        (_capacity, _order, Count, Threshold) = (capacity, order, 0, float.NegativeInfinity);
    }

    /// <summary>Takes the slot in if it is among the nearest so far. Never NaN; each slot at most once.</summary>
    public void Offer(float rank, int slot)
    {
        Debug.Assert(!float.IsNaN(rank));
        if (Count < _capacity)
        {
            Rise(Count++, rank, slot);
            if (Count == _capacity)
                Threshold = _ranks[0];
        }
        else if (Worse(_ranks[0], _slots[0], rank, slot))
        {
            Sink(0, Count, rank, slot);
            Threshold = _ranks[0];
        }
    }

    /// <summary>Replaces the rank of each slot, before <see cref="Sort"/>.</summary>
    /// <param name="rank">From slot and rank, the new rank.</param>
    public void Rescore(Func<int, float, float> rank)
    {
        for (var i = 0; i < Count; i++)
            _ranks[i] = rank(_slots[i], _ranks[i]);
        for (var i = Count / 2 - 1; i >= 0; i--)
            Sink(i, Count, _ranks[i], _slots[i]);
    }

    /// <summary>
    /// Turns the heap into a list, best first. Nothing may be offered after that until <see cref="Reset"/>.
    /// </summary>
    public void Sort()
    {
        for (var last = Count - 1; last > 0; last--)
        {
            var (rank, slot) = (_ranks[last], _slots[last]);
            (_ranks[last], _slots[last]) = (_ranks[0], _slots[0]);
            Sink(0, last, rank, slot);
        }
    }

    void Rise(int hole, float rank, int slot)
    {
        while (hole > 0)
        {
            var parent = (hole - 1) / 2;
            if (!Worse(rank, slot, _ranks[parent], _slots[parent]))
                break;
            (_ranks[hole], _slots[hole]) = (_ranks[parent], _slots[parent]);
            hole = parent;
        }
        (_ranks[hole], _slots[hole]) = (rank, slot);
    }

    void Sink(int hole, int count, float rank, int slot)
    {
        for (var child = 2 * hole + 1; child < count; child = 2 * hole + 1)
        {
            if (child + 1 < count && Worse(_ranks[child + 1], _slots[child + 1], _ranks[child], _slots[child]))
                child++;
            if (!Worse(_ranks[child], _slots[child], rank, slot))
                break;
            (_ranks[hole], _slots[hole]) = (_ranks[child], _slots[child]);
            hole = child;
        }
        (_ranks[hole], _slots[hole]) = (rank, slot);
    }

    bool Worse(float rank, int slot, float otherRank, int otherSlot) =>
        rank < otherRank || (rank == otherRank && _order!.Compare(slot, otherSlot) > 0);
}
