using System.Numerics.Tensors;

namespace VectorDb.IngestWorker;

/// <summary>
/// Finds centroids for a sample: k-means++ for the start (Arthur and Vassilvitskii, "k-means++: The Advantages of Careful
/// Seeding", 2007), then Lloyd's rounds in which no cluster may take more than <see cref="BalanceCap"/> times its share. Pure and
/// seeded: the same sample and seed give the same centroids.
/// </summary>
public static class CentroidTrainer
{
    /// <summary>Largest cluster in multiples of the mean, as docs/architecture.md promises for shards.</summary>
    const double BalanceCap = 1.3;

    /// <summary>Samples of text embeddings settle in 10 to 20 rounds (seen on WordNet glosses); more change little.</summary>
    const int RoundsMax = 25;

    /// <summary>
    /// `sample`: at least one vector, all of one length. Returns `count` vectors of that length; with `isSpherical` (cosine, dot)
    /// each of norm 1. A sample of fewer different vectors than `count` gives some centroids twice, a little apart.
    /// </summary>
    public static float[][] Train(IReadOnlyList<float[]> sample, int count, int seed, bool isSpherical)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sample.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var points = isSpherical ? [.. sample.Select(Normalised)] : sample;
        var random = new Random(seed);
        var centroids = Seed(points, count, random);
        var owners = new int[points.Count];
        Array.Fill(owners, -1);
        for (var round = 0; round < RoundsMax; round++)
        {
            if (!Assign(points, centroids, owners))
                break;
            Move(points, owners, centroids, isSpherical);
        }
        return centroids;
    }

    static float[][] Seed(IReadOnlyList<float[]> points, int count, Random random)
    {
        var centroids = new float[count][];
        var nearest = new double[points.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        for (var c = 0; c < count; c++)
        {
            var chosen = c == 0 ? random.Next(points.Count) : Draw(nearest, random);
            centroids[c] = [.. points[chosen]];
            for (var p = 0; p < points.Count; p++)
                nearest[p] = Math.Min(nearest[p], SquaredDistance(points[p], centroids[c]));
        }
        return centroids;
    }

    /// <summary>An index drawn with a probability proportional to its weight; any one where all weights are zero.</summary>
    static int Draw(double[] weights, Random random)
    {
        var rest = random.NextDouble() * weights.Sum();
        for (var i = 0; i < weights.Length; i++)
        {
            rest -= weights[i];
            if (rest < 0)
                return i;
        }
        return random.Next(weights.Length);
    }

    /// <summary>
    /// Gives each point the nearest centroid that still has room, those first that would lose most by their second choice.
    /// Returns whether any point changed its owner.
    /// </summary>
    static bool Assign(IReadOnlyList<float[]> points, float[][] centroids, int[] owners)
    {
        var distances = new double[points.Count][];
        Parallel.For(0, points.Count, p => distances[p] = [.. centroids.Select(c => SquaredDistance(points[p], c))]);
        var room = new int[centroids.Length];
        Array.Fill(room, (int)Math.Ceiling(BalanceCap * points.Count / centroids.Length));
        var hasChanged = false;
        foreach (var p in Enumerable.Range(0, points.Count).OrderByDescending(p => Regret(distances[p])).ThenBy(p => p))
        {
            var best = -1;
            for (var c = 0; c < centroids.Length; c++)
                if (room[c] > 0 && (best < 0 || distances[p][c] < distances[p][best]))
                    best = c;
            room[best]--;
            hasChanged |= owners[p] != best;
            owners[p] = best;
        }
        return hasChanged;
    }

    static double Regret(double[] distances)
    {
        double best = double.PositiveInfinity, second = double.PositiveInfinity;
        foreach (var distance in distances)
            if (distance < best)
                (best, second) = (distance, best);
            else
                second = Math.Min(second, distance);
        return double.IsInfinity(second) ? 0 : second - best;
    }

    static void Move(IReadOnlyList<float[]> points, int[] owners, float[][] centroids, bool isSpherical)
    {
        for (var c = 0; c < centroids.Length; c++)
        {
            var sum = new float[centroids[c].Length];
            var members = 0;
            for (var p = 0; p < points.Count; p++)
                if (owners[p] == c)
                {
                    TensorPrimitives.Add(sum, points[p], sum);
                    members++;
                }
            if (members == 0)
                continue;
            TensorPrimitives.Divide(sum, members, sum);
            centroids[c] = isSpherical ? Normalised(sum) : sum;
        }
    }

    static double SquaredDistance(float[] left, float[] right)
    {
        var distance = TensorPrimitives.Distance<float>(left, right);
        return (double)distance * distance;
    }

    static float[] Normalised(float[] vector)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        var result = (float[])vector.Clone();
        if (norm > 0)
            TensorPrimitives.Divide(result, norm, result);
        return result;
    }
}
