using VectorDb.TestKit;

namespace VectorDb.Engine.Tests.Graph;

/// <summary>
/// Vectors around seeded centres whose coordinates matter less and less, like those of embeddings: full-rank noise alone has
/// no neighbourhoods to find in many dimensions. Not safe for several threads.
/// </summary>
sealed class Clusters
{
    readonly VectorGen _noise;
    readonly Random _random;
    readonly float[][] _centers;
    readonly float[] _weights;

    public Clusters(int seed, int dimensions, int count = 50)
    {
        _noise = new VectorGen(seed, dimensions);
        _random = new Random(seed);
        _weights = [.. Enumerable.Range(0, dimensions).Select(i => 1 / (1 + i / 6f))];
        _centers = [.. Enumerable.Range(0, count).Select(_ => Weighted(1))];
    }

    public int Count => _centers.Length;

    public float[] Next() => Next(_random.Next(_centers.Length));

    public float[] Next(int cluster)
    {
        var vector = Weighted(1);
        for (var i = 0; i < vector.Length; i++)
            vector[i] += _centers[cluster][i];
        return vector;
    }

    public float[][] Many(int count) => [.. Enumerable.Range(0, count).Select(_ => Next())];

    float[] Weighted(float size)
    {
        var vector = _noise.Normal();
        for (var i = 0; i < vector.Length; i++)
            vector[i] *= size * _weights[i];
        return vector;
    }
}
