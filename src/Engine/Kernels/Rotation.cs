using System.Numerics;
using System.Runtime.Intrinsics;

namespace VectorDb.Engine.Kernels;

/// <summary>
/// A random orthogonal map, so that any data has coordinates of about the same size and their signs make good codes. Not a
/// dense matrix: four rounds of random signs, a fast Hadamard transform on the first or last 2^k coordinates, and a mix of
/// the two halves (the "FhtKac" rotator of RaBitQ-Library, docs/docs/rabitq/rotator.md; we skip the mix where the padded
/// length is a power of two). O(D log D). Every instruction set gives the same bits. Thread-safe after construction.
/// </summary>
public sealed unsafe class Rotation
{
    const int Rounds = 4;

    readonly uint[] _signs;
    readonly int _transformed;
    readonly float _scale;

    /// <param name="dimensions">Numbers in a vector, 1 or more.</param>
    /// <param name="seed">The same seed gives the same map for ever: it is written into checkpoints.</param>
    public Rotation(int dimensions, ulong seed)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(dimensions, 1);
        Dimensions = dimensions;
        PaddedDimensions = Pad(dimensions);
        _transformed = 1 << BitOperations.Log2((uint)PaddedDimensions);
        _scale = (float)(1 / Math.Sqrt(_transformed));
        _signs = new uint[Rounds * PaddedDimensions];
        var random = new SplitMix(seed);
        for (var i = 0; i < _signs.Length; i++)
            _signs[i] = (uint)(random.Next() >> 63) << 31;
    }

    /// <summary>Length of the vectors that go in.</summary>
    public int Dimensions { get; }

    /// <summary>Length of the vectors that come out: the next multiple of 64.</summary>
    public int PaddedDimensions { get; }

    /// <summary>The multiple of 64 that codes of this many dimensions are padded to.</summary>
    public static int Pad(int dimensions) => (dimensions + 63) & ~63;

    /// <summary>Rotates <paramref name="vector"/> (padded with zeros) into <paramref name="rotated"/>; norms are kept.</summary>
    public void Apply(ReadOnlySpan<float> vector, Span<float> rotated)
    {
        if (vector.Length != Dimensions || rotated.Length != PaddedDimensions)
            throw new ArgumentException($"A rotation of {Dimensions} dimensions got {vector.Length} into {rotated.Length}.");
        vector.CopyTo(rotated);
        rotated[Dimensions..].Clear();
        fixed (float* values = rotated)
        fixed (uint* signs = _signs)
            for (var round = 0; round < Rounds; round++)
                Turn(values, signs + round * PaddedDimensions, round);
    }

    void Turn(float* values, uint* signs, int round)
    {
        var d = PaddedDimensions;
        for (var i = 0; i < d; i += 8)
            (Vector256.Load((uint*)values + i) ^ Vector256.Load(signs + i)).Store((uint*)values + i);
        Hadamard.Transform(round % 2 == 0 ? values : values + d - _transformed, _transformed, _scale);
        if (_transformed == d)
            return;
        var half = d / 2;
        var root = Vector256.Create((float)Math.Sqrt(0.5));
        for (var i = 0; i < half; i += 8)
        {
            var a = Vector256.Load(values + i);
            var b = Vector256.Load(values + half + i);
            ((a + b) * root).Store(values + i);
            ((a - b) * root).Store(values + half + i);
        }
    }
}
