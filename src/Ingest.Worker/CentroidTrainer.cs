using System.Numerics.Tensors;

namespace VectorDb.IngestWorker;

/// <summary>
/// Finds centroids for a sample: k-means++ for the start (Arthur and Vassilvitskii, "k-means++: The Advantages of Careful
/// Seeding", 2007), then Lloyd's rounds in which no cluster may take more than <see cref="BalanceCap"/> times its share
/// (<see cref="Balance"/>). Pure and seeded: the same sample and seed give the same centroids.
/// </summary>
public static class CentroidTrainer
{
    /// <summary>
    /// Largest cluster of the sample in multiples of the mean. Below the 1.3 that shards are promised, because what is stored
    /// spreads a little differently than its sample.
    /// </summary>
    public const double BalanceCap = 1.12;

    /// <summary>Samples of text embeddings settle in 10 to 20 rounds (seen on WordNet glosses); more change little.</summary>
    const int RoundsMax = 16;

    /// <summary>Rounds on the way need balance only roughly: the next round shifts it again.</summary>
    const int StepsOnTheWay = 12;

    const int StepsAtTheEnd = 200;

    /// <summary>
    /// `sample`: at least one vector, all of one length. Returns `count` vectors of that length; with `isSpherical` (cosine, dot)
    /// each of norm 1. A sample of fewer different vectors than `count` gives some centroids twice.
    /// </summary>
    public static TrainedCentroids Train(IReadOnlyList<float[]> sample, int count, int seed, bool isSpherical)
    {
        ArgumentOutOfRangeException.ThrowIfZero(sample.Count);
        ArgumentOutOfRangeException.ThrowIfLessThan(count, 1);
        var points = isSpherical ? [.. sample.Select(Normalised)] : sample;
        var centroids = Seed(points, count, new Random(seed));
        var balance = new Balance(points.Count, count);
        for (var round = 0; round < RoundsMax; round++)
        {
            Measure(points, centroids, isSpherical, balance);
            if (!balance.Assign(BalanceCap, StepsOnTheWay))
                break;
            Move(points, balance, centroids, isSpherical);
        }
        Measure(points, centroids, isSpherical, balance);
        balance.Assign(BalanceCap, StepsAtTheEnd);
        return new(centroids, balance.Offsets);
    }

    static float[][] Seed(IReadOnlyList<float[]> points, int count, Random random)
    {
        var centroids = new float[count][];
        var nearest = new double[points.Count];
        Array.Fill(nearest, double.PositiveInfinity);
        for (var c = 0; c < count; c++)
        {
            var chosen = c == 0 ? random.Next(points.Count) : Draw(nearest, random);
            var centroid = centroids[c] = [.. points[chosen]];
            Parallel.For(0, points.Count, p => nearest[p] = Math.Min(nearest[p], SquaredDistance(points[p], centroid)));
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
    /// The nearness of every point to every centroid, as <see cref="Contracts.Placement"/> has it, less what a point has in common
    /// for all centroids: the product, and without a sphere half the centroid's squared norm less.
    /// </summary>
    static void Measure(IReadOnlyList<float[]> points, float[][] centroids, bool isSpherical, Balance balance)
    {
        var shifts = centroids.Select(c => isSpherical ? 0 : TensorPrimitives.SumOfSquares<float>(c) / 2).ToArray();
        Parallel.For(0, points.Count, p =>
        {
            var row = balance.NearnessOf(p);
            for (var c = 0; c < centroids.Length; c++)
                row[c] = TensorPrimitives.Dot<float>(points[p], centroids[c]) - shifts[c];
        });
    }

    static void Move(IReadOnlyList<float[]> points, Balance balance, float[][] centroids, bool isSpherical)
    {
        var members = balance.Owners.Index().ToLookup(pair => pair.Item, pair => pair.Index);
        Parallel.For(0, centroids.Length, c =>
        {
            var sum = new float[centroids[c].Length];
            var count = 0;
            foreach (var p in members[c])
            {
                TensorPrimitives.Add(sum, points[p], sum);
                count++;
            }
            if (count == 0)
                return;
            TensorPrimitives.Divide(sum, count, sum);
            centroids[c] = isSpherical ? Normalised(sum) : sum;
        });
        Refill(points, members, balance, centroids);
    }

    /// <summary>A centroid that nothing is near takes the place of a point of the largest cluster, and so a part of it.</summary>
    static void Refill(IReadOnlyList<float[]> points, ILookup<int, int> members, Balance balance, float[][] centroids)
    {
        var largest = members.OrderByDescending(group => group.Count()).ThenBy(group => group.Key).First();
        var next = 0;
        for (var c = 0; c < centroids.Length; c++)
        {
            if (members[c].Any() || largest.Count() < 2)
                continue;
            var step = largest.Count() * 0.618;    // the golden ratio spreads any number of picks
            centroids[c] = [.. points[largest.ElementAt((int)(step * ++next % largest.Count()))]];
            balance.Offsets[c] = balance.Offsets[largest.Key];
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

/// <summary>What training found: centroids, and for each what is added to its nearness to keep the shards in balance.</summary>
public sealed record TrainedCentroids(float[][] Centroids, float[] Offsets);
