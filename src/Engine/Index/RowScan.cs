using System.Buffers;
using System.Numerics;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// Scores blocks of float32 rows for a batch of queries and offers them: what every exact search does, wherever its rows
/// come from, so that the same pair has the same score to the last bit.
/// </summary>
internal unsafe ref struct RowScan
{
    /// <summary>Rows scored together while they are in the cache: as many as a word has bits.</summary>
    public const int BlockRows = 64;

    public const nuint Alignment = 64;

    /// <summary>
    /// Rows that all queries of a batch meet before the next ones: with the queries of a tile they stay in the first-level cache at the
    /// sizes of common models. As many as a vector register has scores.
    /// </summary>
    const int PartRows = RowScores.Lanes;

    const int ManyRows = 2_048;

    /// <summary>So few rows of a block are scored as soon as their bounds. A guess.</summary>
    const int FewRows = 8;

    readonly Metric _metric;
    readonly ReadOnlySpan<TopK> _nearest;
    readonly float* _queries;
    readonly int _stride;
    readonly float[] _rented;
    readonly bool _hasCodes;
    GCHandle _pin;
    CodedQueries _coded;

    /// <param name="metric">How to score.</param>
    /// <param name="dimensions">Numbers in a vector.</param>
    /// <param name="queries">float32, one a heap, row-major.</param>
    /// <param name="nearest">Where to offer.</param>
    /// <param name="haveCodes">The rows have codes too, and there are enough of them, see <see cref="PaysToCode"/>.</param>
    public RowScan(Metric metric, int dimensions, ReadOnlySpan<float> queries, ReadOnlySpan<TopK> nearest, bool haveCodes = false)
    {
        (_metric, _stride) = (metric, RowScores.Stride(dimensions));
        _nearest = nearest;
        _rented = ArrayPool<float>.Shared.Rent((nearest.Length + RowScores.QueryTile - 1) * _stride + RowScores.Lanes);
        _pin = GCHandle.Alloc(_rented, GCHandleType.Pinned);
        _queries = (float*)(((nuint)_pin.AddrOfPinnedObject() + Alignment - 1) & ~(Alignment - 1));
        for (var i = 0; i < nearest.Length; i++)
        {
            var padded = new Span<float>(_queries + (nint)i * _stride, _stride);
            queries.Slice(i * dimensions, dimensions).CopyTo(padded);
            padded[dimensions..].Clear();
        }
        // What fills the last tile up scores 0 or its length, and nobody reads it.
        new Span<float>(_queries + (nint)nearest.Length * _stride, (RowScores.QueryTile - 1) * _stride).Clear();
        _hasCodes = haveCodes;
        if (_hasCodes)
            _coded = new(_queries, nearest.Length, dimensions);
    }

    /// <summary>
    /// Whether bounds by codes save anything. One query is as fast as the memory or the chain of its additions, and codes are
    /// shorter; a tile of registers of 512 bits scores a few rows as fast as it bounds them. Measured 2026-11-27, Zen 4, 384-d, see
    /// docs/decisions/0018-byte-codes-spare-most-of-a-scan.md.
    /// </summary>
    public static bool PaysToCode(int queries, int rows) => queries == 1 || rows >= ManyRows || !Vector512.IsHardwareAccelerated;

    /// <summary>As the other, for rows with codes: scores only those that may be among the nearest.</summary>
    public readonly void Block(float* rows, in CodeBlock codes, ulong mask, ReadOnlySpan<int> slots)
    {
        var products = stackalloc int[ByteScores.QueryTile * BlockRows];
        for (var i = 0; i < _nearest.Length; i += ByteScores.QueryTile)
        {
            var tile = Math.Min(ByteScores.QueryTile, _nearest.Length - i);
            if (BitOperations.PopCount(mask) > FewRows)
                _coded.Multiply(i, tile, codes, products);
            for (var j = 0; j < tile; j++)
                ScoreReaching(i + j, rows, codes, products + j * BlockRows, mask, slots);
        }
    }

    readonly void ScoreReaching(int query, float* rows, in CodeBlock codes, int* products, ulong mask, ReadOnlySpan<int> slots)
    {
        var nearest = _nearest[query];
        var bounds = stackalloc float[BlockRows];
        var areFew = BitOperations.PopCount(mask) <= FewRows;
        if (!areFew)
            mask &= _coded.Reaching(query, codes, products, nearest.Threshold, bounds);
        var tile = stackalloc float*[RowScores.RowTile];
        var tileSlots = stackalloc int[RowScores.RowTile];
        var ranks = stackalloc float[RowScores.RowTile];
        while (mask != 0)
        {
            var count = 0;
            for (; mask != 0 && count < RowScores.RowTile; mask &= mask - 1)
            {
                var row = BitOperations.TrailingZeroCount(mask);
                // Tiles before this one may have raised what is to be reached.
                if (!areFew && bounds[row] < nearest.Threshold)
                    continue;
                tile[count] = rows + (nint)row * _stride;
                tileSlots[count++] = slots[row];
            }
            if (count == 0)
                break;
            for (var i = count; i < RowScores.RowTile; i++)
                tile[i] = tile[0];
            RowScores.RankScattered(_metric, _queries + (nint)query * _stride, tile, _stride, ranks);
            for (var i = 0; i < count; i++)
                nearest.Offer(ranks[i], tileSlots[i]);
        }
    }

    /// <summary>Scores one block and offers its rows.</summary>
    /// <param name="rows">64 rows, padded with zeros, 64-byte aligned.</param>
    /// <param name="mask">Bit i: row i is offered.</param>
    /// <param name="slots">The slots of the 64 rows.</param>
    public readonly void Block(float* rows, ulong mask, ReadOnlySpan<int> slots)
    {
        if (_nearest.Length == 1)
        {
            Score(rows, BlockRows, mask, slots);
            return;
        }
        for (var row = 0; row < BlockRows; row += PartRows, mask >>= PartRows)
            if ((mask & ((1UL << PartRows) - 1)) is not 0 and var part)
                Score(rows + (nint)row * _stride, PartRows, part, slots[row..]);
    }

    readonly void Score(float* rows, int count, ulong mask, ReadOnlySpan<int> slots)
    {
        Span<float> ranks = stackalloc float[RowScores.QueryTile * count];
        for (var i = 0; i < _nearest.Length;)
        {
            // Two or three in a tile of four cost less than one by one.
            var tile = _nearest.Length - i > 1 ? RowScores.QueryTile : 1;
            var tileRanks = ranks[..(tile * count)];
            if (i == 0)
                RowScores.Rank(_metric, _queries, tile, rows, _stride, tileRanks);
            else
                RowScores.RankCached(_metric, _queries + (nint)i * _stride, tile, rows, _stride, tileRanks);
            for (var end = Math.Min(i + tile, _nearest.Length); i < end; i++, tileRanks = tileRanks[count..])
                Offer(_nearest[i], tileRanks[..count], mask, slots);
        }
    }

    public void Dispose()
    {
        if (_hasCodes)
            _coded.Dispose();
        _pin.Free();
        ArrayPool<float>.Shared.Return(_rented);
    }

    static void Offer(TopK nearest, ReadOnlySpan<float> ranks, ulong mask, ReadOnlySpan<int> slots)
    {
        var threshold = Vector512.Create(nearest.Threshold);
        var reaching = 0UL;
        for (var i = 0; i < ranks.Length; i += Vector512<float>.Count)
        {
            var reach = Vector512.GreaterThanOrEqual(Vector512.Create(ranks[i..]), threshold);
            reaching |= reach.ExtractMostSignificantBits() << i;
        }
        for (reaching &= mask; reaching != 0; reaching &= reaching - 1)
        {
            var row = BitOperations.TrailingZeroCount(reaching);
            nearest.Offer(ranks[row], slots[row]);
        }
    }
}
