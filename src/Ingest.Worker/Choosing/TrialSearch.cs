using System.Numerics.Tensors;

namespace VectorDb.IngestWorker.Choosing;

/// <summary>A search for the neighbours of a stored point, by the scores that each shard has for it. Not thread-safe.</summary>
/// <param name="query">The point's vector.</param>
/// <param name="home">The shard that has it.</param>
/// <param name="isEuclid">Lower scores are nearer.</param>
public sealed class TrialSearch(float[] query, int home, bool isEuclid)
{
    /// <summary>How many neighbours "auto" is tried with.</summary>
    public const int Neighbors = 10;

    /// <summary>Scores to ask each shard for: the point itself is among those of its own shard.</summary>
    public const int ScoresAsked = Neighbors + 1;

    /// <summary>The point itself has another score than computed here only by rounding.</summary>
    const double Rounding = 1e-3;

    readonly List<(float Score, int Shard)> _scores = [];

    public float[] Query => query;

    /// <summary>What a shard has, best first; NaN is no row.</summary>
    public void Note(int shard, ReadOnlySpan<float> scores)
    {
        var own = shard == home ? IndexOfItself(scores) : -1;
        for (var i = 0; i < scores.Length; i++)
            if (i != own && !float.IsNaN(scores[i]))
                _scores.Add((scores[i], shard));
    }

    /// <summary>The shards of the nearest neighbours, one for each.</summary>
    public IEnumerable<int> Owners() => (isEuclid ? _scores.OrderBy(found => found.Score) : _scores.OrderByDescending(found => found.Score))
        .Take(Neighbors).Select(found => found.Shard);

    int IndexOfItself(ReadOnlySpan<float> scores)
    {
        var square = TensorPrimitives.SumOfSquares<float>(query);
        var (expected, tolerance) = isEuclid ? (0, Rounding * Math.Sqrt(square)) : (square, Rounding * square);
        var nearest = -1;
        for (var i = 0; i < scores.Length; i++)
        {
            var off = Math.Abs(scores[i] - expected);
            if (off <= tolerance && (nearest < 0 || off < Math.Abs(scores[nearest] - expected)))
                nearest = i;
        }
        return nearest;
    }
}
