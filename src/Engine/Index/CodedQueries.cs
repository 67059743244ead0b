using System.Buffers;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index;

/// <summary>
/// A batch of queries in byte codes, which tells the rows of a block that may reach a rank: an upper bound of the score decides, so no
/// row that reaches it is left out.
/// </summary>
internal unsafe ref struct CodedQueries
{
    /// <summary>
    /// Above the rounding of the score itself, a sum of up to 4,096 products (n/16 + 6 additions in a row, 2^-24 each), and of the bound.
    /// </summary>
    const float Rounding = 3e-5f;

    readonly byte[] _rented;
    readonly byte* _codes;
    readonly Facts[] _facts;
    readonly int _stride;
    GCHandle _pin;

    /// <param name="queries">Padded, 64-byte aligned.</param>
    /// <param name="count">How many.</param>
    /// <param name="dimensions">Numbers in each.</param>
    public CodedQueries(float* queries, int count, int dimensions)
    {
        var floats = RowScores.Stride(dimensions);
        _stride = ByteScores.Stride(dimensions);
        _rented = ArrayPool<byte>.Shared.Rent(count * _stride + (int)RowScan.Alignment);
        _pin = GCHandle.Alloc(_rented, GCHandleType.Pinned);
        _codes = (byte*)(((nuint)_pin.AddrOfPinnedObject() + RowScan.Alignment - 1) & ~(RowScan.Alignment - 1));
        _facts = ArrayPool<Facts>.Shared.Rent(count);
        for (var i = 0; i < count; i++)
        {
            var code = _codes + (nint)i * _stride;
            var query = ByteCode.Encode(queries + (nint)i * floats, floats, (sbyte*)code, ByteScores.QueryRange);
            // The padding meets zeros only.
            for (var j = 0; j < floats; j += Vector128<byte>.Count)
                (Vector128.Load(code + j) + Vector128.Create((byte)ByteScores.QueryOffset)).Store(code + j);
            _facts[i] = new(query.Scale, query.Length + query.Error, query.Error + Rounding * query.Length);
        }
    }

    /// <summary>Fills in the products of one or two queries, from this one, with the rows of a block.</summary>
    public readonly void Multiply(int query, int queryCount, in CodeBlock block, int* products) =>
        ByteScores.Multiply(_codes + (nint)query * _stride, queryCount, block.Codes, RowScan.BlockRows, _stride, products);

    /// <summary>Bit i: row i of the block may have at least this score.</summary>
    /// <param name="query">Which query.</param>
    /// <param name="block">The rows.</param>
    /// <param name="products">Theirs with the query.</param>
    /// <param name="score">What is to be reached.</param>
    /// <param name="bounds">Filled with what each row may reach, or not a number where that is unknown.</param>
    public readonly ulong Reaching(int query, in CodeBlock block, int* products, float score, float* bounds)
    {
        var facts = _facts[query];
        var (scale, ofErrors, ofLengths) =
            (Vector256.Create(facts.Scale), Vector256.Create(facts.OfErrors), Vector256.Create(facts.OfLengths));
        var below = 0UL;
        for (var row = 0; row < RowScan.BlockRows; row += Vector256<float>.Count)
        {
            var product = Vector256.ConvertToSingle(Vector256.Load(products + row) - Vector256.Load(block.Offsets + row));
            var bound = Vector256.FusedMultiplyAdd(
                product * scale,
                Vector256.Load(block.Scales + row),
                Vector256.FusedMultiplyAdd(Vector256.Load(block.Errors + row), ofErrors, Vector256.Load(block.Lengths + row) * ofLengths));
            bound.Store(bounds + row);
            // What is not a number, because a length is beyond float32, is not below.
            below |= (ulong)Vector256.LessThan(bound, Vector256.Create(score)).ExtractMostSignificantBits() << row;
        }
        return ~below;
    }

    public void Dispose()
    {
        _pin.Free();
        ArrayPool<byte>.Shared.Return(_rented);
        ArrayPool<Facts>.Shared.Return(_facts);
    }

    /// <summary>Of one query: its scale, and by what the errors and the lengths of rows are multiplied.</summary>
    readonly record struct Facts(float Scale, float OfErrors, float OfLengths);
}
