using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VectorDb.Engine.Kernels;

namespace VectorDb.Engine.Index.Graph;

/// <summary>
/// A vector that distances are measured from, in the forms that the kernels read: rotated floats, a 16-bit code, FastScan's
/// table. Native memory, used again for the next query. Not thread-safe.
/// </summary>
internal sealed unsafe class PlacedQuery : IDisposable
{
    readonly float* _values;
    readonly short* _code;
    readonly byte* _table;
    readonly ushort* _sums;
    readonly sbyte* _sixteenths;
    readonly VectorFrame _frame;
    readonly int _dimensions;
    float _scale;
    float _squaredNorm;
    float _constant;
    float _step;
    float _offset;
    float _weight;
    bool _product;

    public PlacedQuery(VectorFrame frame)
    {
        _frame = frame;
        _dimensions = frame.Rotation.PaddedDimensions;
        var bytes = _dimensions * (sizeof(float) + sizeof(short) + sizeof(sbyte)) + SumTable.Bytes(_dimensions) + 64;
        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)bytes, 64);
        _table = memory;
        _values = (float*)(memory + SumTable.Bytes(_dimensions));
        _code = (short*)(_values + _dimensions);
        _sums = (ushort*)(_code + _dimensions);
        _sixteenths = (sbyte*)(_sums + FastScan.Width);
    }

    /// <summary>The rotated vector, float32.</summary>
    public float* Values => _values;

    /// <summary>Prepares for a search by the collection's metric.</summary>
    public void SetQuery(ReadOnlySpan<float> vector)
    {
        _product = _frame.Metric == Metric.Dot;
        var placed = new Span<float>(_values, _dimensions);
        _constant = _frame.PlaceQuery(vector, placed);
        Prepare(TensorPrimitives.SumOfSquares(vector));
    }

    /// <summary>Prepares for a search by distance, whatever the metric: the graph is built on distances. Returns ‖centred‖².</summary>
    public float SetVector(ReadOnlySpan<float> vector)
    {
        _product = false;
        _frame.Place(vector, new Span<float>(_values, _dimensions));
        Prepare(0);
        return _squaredNorm;
    }

    /// <summary>Prepares for a search by distance from a vertex of the graph.</summary>
    public void SetVertex(VertexHeader* block)
    {
        _product = false;
        var vector = VertexLayout.Vector(block);
        for (var i = 0; i < _dimensions; i++)
            _values[i] = block->Scale * vector[i];
        Prepare(0);
    }

    void Prepare(float weight)
    {
        var placed = new ReadOnlySpan<float>(_values, _dimensions);
        _squaredNorm = TensorPrimitives.SumOfSquares(placed);
        _weight = weight;
        _scale = ScalarCode.Encode16(_values, _code, _dimensions);
        SumTable.Build(_values, _dimensions, _table, out _step, out _offset);
    }

    /// <summary>What the walk minimises: the squared distance, or -2 times the product with the centred vector.</summary>
    public float Key(VertexHeader* block) =>
        ToKey(block, Int8Dot.Dot(VertexLayout.Vector(block), _code, _dimensions));

    /// <summary>The key from all 12 bits of each coordinate: for the last ranking, when few are left.</summary>
    public float FineKey(VertexHeader* block, VertexLayout layout)
    {
        ScalarCode.DecodeTail(layout.Tail(block), _sixteenths, _dimensions);
        var coarse = Int8Dot.Dot(VertexLayout.Vector(block), _code, _dimensions);
        return ToKey(block, coarse + Int8Dot.Dot(_sixteenths, _code, _dimensions) / 16f);
    }

    float ToKey(VertexHeader* block, float codeProduct)
    {
        var product = _scale * block->Scale * codeProduct;
        return _product ? -2 * product : Math.Max(0, _squaredNorm + block->SquaredNorm - 2 * product);
    }

    /// <summary>The rank that the index answers with, of a vertex with this key; the worst where numbers overflowed.</summary>
    public float Rank(float key, float weight)
    {
        var rank = _frame.Metric switch
        {
            Metric.Cosine => Math.Clamp((weight + _weight - key) / 2, -1, 1),
            Metric.Dot => _constant - key / 2,
            _ => -MathF.Sqrt(key),
        };
        return float.IsNaN(rank) ? float.NegativeInfinity : rank;
    }

    /// <summary>Estimates the keys of 32 entry points, whose codes hang on the centre.</summary>
    public void EstimateEntries(VertexHeader* entries, VertexLayout layout, float* estimates) =>
        EstimateNeighbors(entries, layout, _product ? 0 : _squaredNorm, float.PositiveInfinity, estimates);

    /// <summary>
    /// Estimates the keys of a block's 32 neighbours from the block's own <paramref name="key"/>, and says which are below
    /// <paramref name="limit"/>.
    /// </summary>
    public uint EstimateNeighbors(VertexHeader* block, VertexLayout layout, float key, float limit, float* estimates)
    {
        FastScan.Sum(layout.Codes(block), _table, FastScan.CodeBytes(_dimensions), _sums);
        var addends = layout.Addends(block);
        var rescales = layout.Rescales(block);
        if (!_product)
            return SignCode.Estimate(_sums, addends, rescales, new(key, _step, _offset), limit, estimates);
        SignCode.Estimate(_sums, addends, rescales, new(key + block->SquaredNorm, _step, _offset), limit, estimates);
        var norms = layout.Norms(block);
        uint below = 0;
        for (var i = 0; i < VertexLayout.Degree; i++)
        {
            estimates[i] -= norms[i];
            below |= estimates[i] < limit ? 1u << i : 0;
        }
        return below;
    }

    public void Dispose() => NativeMemory.AlignedFree(_table);
}
