using System.Buffers;
using System.Numerics.Tensors;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>
/// How many of a search's nearest points each of some shards probably has, from their sketches. Immutable, thread-safe.
/// </summary>
public sealed class ShardGuess
{
    readonly SketchedShard[] _shards;
    readonly HashSet<int> _numbers;
    readonly bool _isEuclid;
    readonly float[] _counts;

    /// <summary>`shards`: each once, with vectors of one size.</summary>
    public ShardGuess(IEnumerable<SketchedShard> shards, bool isEuclid)
    {
        (_shards, _isEuclid) = ([.. shards], isEuclid);
        _numbers = [.. _shards.Select(shard => shard.Shard)];
        _counts = [.. _shards.SelectMany(shard => shard.Counts)];
    }

    /// <summary>How many shards it knows.</summary>
    public int ShardCount => _shards.Length;

    /// <summary>Rows of all of them.</summary>
    public double Rows => TensorPrimitives.Sum<float>(_counts);

    public bool Knows(int shard) => _numbers.Contains(shard);

    /// <summary>
    /// The shards with how many of the `wanted` (1 or more) nearest points each is expected to have, most first, equal ones by number.
    /// `query`: float32, of the sketches' size.
    /// </summary>
    public (int Shard, double Hits)[] Rank(ReadOnlySpan<float> query, int wanted)
    {
        if (_counts.Length == 0)
            return [];
        var rented = ArrayPool<float>.Shared.Rent(_counts.Length * 3);
        var means = rented.AsSpan(0, _counts.Length);
        var deviations = rented.AsSpan(_counts.Length, _counts.Length);
        var hits = rented.AsSpan(2 * _counts.Length, _counts.Length);
        var coded = new CodedQuery(query, stackalloc short[VectorCodes.Stride(query.Length)]);
        var at = 0;
        foreach (var shard in _shards)
        {
            var count = shard.Counts.Length;
            if (_isEuclid)
                shard.Distances(query, means.Slice(at, count), deviations.Slice(at, count));
            else
                shard.Products(coded, means.Slice(at, count), deviations.Slice(at, count));
            at += count;
        }
        ExpectedHits.Find(_counts, means, deviations, wanted, hits);
        var ranked = Ranked(hits);
        ArrayPool<float>.Shared.Return(rented);
        return ranked;
    }

    (int Shard, double Hits)[] Ranked(ReadOnlySpan<float> hits)
    {
        var ranked = new (int Shard, double Hits)[_shards.Length];
        var at = 0;
        for (var i = 0; i < ranked.Length; i++)
        {
            ranked[i] = (_shards[i].Shard, TensorPrimitives.Sum(hits.Slice(at, _shards[i].Counts.Length)));
            at += _shards[i].Counts.Length;
        }
        Array.Sort(ranked, static (left, right) =>
            left.Hits == right.Hits ? left.Shard.CompareTo(right.Shard) : right.Hits.CompareTo(left.Hits));
        return ranked;
    }
}
