using System.Numerics.Tensors;
using VectorDb.Server.Benchmarking;

namespace VectorDb.Benchmarks.Routing;

/// <summary>Vectors to place, held-out queries, and the ten exact nearest of each query. Cosine: all of norm 1.</summary>
sealed class RoutingWorkload
{
    public const int Neighbors = 10;

    RoutingWorkload(float[][] rows, float[][] queries, bool isEuclid)
    {
        (Rows, Queries) = (rows, queries);
        Truth = new int[queries.Length][];
        Parallel.For(0, queries.Length, q => Truth[q] = Nearest(rows, queries[q], isEuclid));
    }

    public float[][] Rows { get; }

    public float[][] Queries { get; }

    /// <summary>Row numbers, ten a query.</summary>
    public int[][] Truth { get; }

    public int Dimensions => Rows[0].Length;

    /// <summary>Queries are drawn from all rows by a seed, because files are sorted by subject; they are not among the rows then.</summary>
    public static RoutingWorkload Read(RoutingOptions options)
    {
        var rows = Part(VectorFile.Read(options.Base), options.Skip, options.Limit);
        var order = Enumerable.Range(0, rows.Length).ToArray();
        new Random(options.Seed).Shuffle(order);
        var held = options.Queries is null ? Math.Min(options.QueryCount, rows.Length / 2) : 0;
        var queries = options.Queries is null
            ? [.. order[..held].Select(i => rows[i])]
            : Part(VectorFile.Read(options.Queries), 0, options.QueryCount);
        var left = order[held..];
        Array.Sort(left);
        rows = [.. left.Select(i => rows[i])];
        if (options.Metric != "Euclid")
            foreach (var row in rows.Concat(queries))
                TensorPrimitives.Divide(row, TensorPrimitives.Norm<float>(row), row);
        return new(rows, queries, options.Metric == "Euclid");
    }

    static float[][] Part(VectorFile file, int skip, int limit) =>
        [.. Enumerable.Range(skip, Math.Clamp(file.Count - skip, 0, limit))
            .Select(i => file.Values.AsSpan(i * file.Dimensions, file.Dimensions).ToArray())];

    /// <summary>Best first; distances for Euclid.</summary>
    public static float[] BestScores(float[][] rows, float[] query, int count, bool isEuclid)
    {
        var scores = rows.Select(row => isEuclid ? TensorPrimitives.Distance<float>(query, row) : -TensorPrimitives.Dot<float>(query, row));
        var best = scores.Order().Take(count);
        return [.. isEuclid ? best : best.Select(score => -score)];
    }

    static int[] Nearest(float[][] rows, float[] query, bool isEuclid)
    {
        var best = new PriorityQueue<int, float>();
        for (var i = 0; i < rows.Length; i++)
        {
            var score = isEuclid ? -TensorPrimitives.Distance<float>(query, rows[i]) : TensorPrimitives.Dot<float>(query, rows[i]);
            if (best.Count < Neighbors)
                best.Enqueue(i, score);
            else
                best.EnqueueDequeue(i, score);
        }
        return [.. best.UnorderedItems.Select(item => item.Element)];
    }
}
