using System.Numerics;
using System.Runtime.InteropServices;
using VectorDb.Engine.Index;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Storage;

/// <summary>
/// Ranks rows by their float32 vectors in SQLite: all of them for exact searches, the few that a graph found to give them
/// their true scores. Damaged rows are passed over and reported.
/// </summary>
internal sealed class RowRanking(Database database, Action<QuarantinedRow> damaged) : IDisposable
{
    /// <summary>With fewer than one row of this many wanted, each is looked up instead of reading all. Guess: ten rows a page.</summary>
    const int LookUpAtOneOf = 32;

    readonly Statement _all = database.Prepare("SELECT slot, key, version, checksum, bytes FROM vectors ORDER BY slot");
    readonly Statement _one = database.Prepare("SELECT slot, key, version, checksum, bytes FROM vectors WHERE slot = ?1");

    /// <summary>Offers every row whose slot is in the query's set.</summary>
    /// <param name="query">The vectors and the slots.</param>
    /// <param name="metric">How to score.</param>
    /// <param name="rowCount">Rows of the table, about.</param>
    /// <param name="nearest">One a query.</param>
    public void Scan(in IndexQuery query, Metric metric, int rowCount, ReadOnlySpan<TopK> nearest)
    {
        var dimensions = query.Vectors.Length / nearest.Length;
        using var scan = new RowScan(metric, dimensions, query.Vectors, nearest);
        using var block = new Block(dimensions);
        if (query.Live.Count < rowCount / LookUpAtOneOf)
            LookUp(query, scan, block);
        else
            ReadAll(query, scan, block);
        block.Flush(scan);
    }

    /// <summary>Gives the rows of a heap that are in <paramref name="slots"/> the rank that their vectors have.</summary>
    /// <remarks>A row that was replaced since the snapshot keeps the rank that the graph gave it.</remarks>
    public void Rescore(TopK nearest, LiveSlots slots, Metric metric, RowScorer scorer) =>
        nearest.Rescore((slot, rank) =>
        {
            if (!slots.Contains(slot))
                return rank;
            using var rows = _one.Bind(1, slot).Rows();
            return rows.Next() && IsSound(rows) ? scorer.Rank(metric, MemoryMarshal.Cast<byte, float>(rows.Bytes(4))) : rank;
        });

    public void Dispose()
    {
        _all.Dispose();
        _one.Dispose();
    }

    void ReadAll(in IndexQuery query, in RowScan scan, Block block)
    {
        using var rows = _all.Rows();
        while (rows.Next())
            Take(rows, query, scan, block);
    }

    void LookUp(in IndexQuery query, in RowScan scan, Block block)
    {
        for (var word = query.Live.Skip(0); word < query.Live.WordCount; word = query.Live.Skip(word + 1))
        {
            for (var bits = query.Live.Word(word); bits != 0; bits &= bits - 1)
            {
                using var rows = _one.Bind(1, word * 64 + BitOperations.TrailingZeroCount(bits)).Rows();
                if (rows.Next())
                    Take(rows, query, scan, block);
            }
        }
    }

    void Take(Statement.Cursor rows, in IndexQuery query, in RowScan scan, Block block)
    {
        var slot = rows.Int64(0);
        if (slot > int.MaxValue || !query.Live.Contains((int)slot) || !IsSound(rows))
            return;
        block.Add((int)slot, MemoryMarshal.Cast<byte, float>(rows.Bytes(4)));
        if (!block.IsFull)
            return;
        query.Cancellation.ThrowIfCancellationRequested();
        block.Flush(scan);
    }

    bool IsSound(Statement.Cursor rows)
    {
        var (slot, version) = (rows.Int64(0), rows.Int64(2));
        var key = rows.Bytes(1);
        if (rows.Int64(3) == Checksums.OfVector(slot, key, version, rows.Bytes(4)))
            return true;
        damaged(new QuarantinedRow(slot, new PointKey(key.ToArray()), version, "The vector does not match its checksum."));
        return false;
    }

    /// <summary>Rows on their way to the kernel.</summary>
    sealed unsafe class Block(int dimensions) : IDisposable
    {
        readonly int _stride = RowScores.Stride(dimensions);
        readonly int[] _slots = new int[RowScan.BlockRows];
        float* _rows;
        int _count;

        public bool IsFull => _count == RowScan.BlockRows;

        public void Add(int slot, ReadOnlySpan<float> vector)
        {
            if (_rows == null)
                Allocate();
            vector.CopyTo(new Span<float>(_rows + (nint)_count * _stride, dimensions));
            _slots[_count++] = slot;
        }

        public void Flush(in RowScan scan)
        {
            if (_count > 0)
                scan.Block(_rows, IsFull ? ulong.MaxValue : (1UL << _count) - 1, _slots);
            _count = 0;
        }

        public void Dispose() => NativeMemory.AlignedFree(_rows);

        void Allocate()
        {
            var bytes = (nuint)RowScan.BlockRows * (nuint)_stride * sizeof(float);
            _rows = (float*)NativeMemory.AlignedAlloc(bytes, RowScan.Alignment);
            NativeMemory.Clear(_rows, bytes);
        }
    }
}
