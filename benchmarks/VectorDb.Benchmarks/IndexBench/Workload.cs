using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VectorDb.Engine;
using VectorDb.Engine.Index;

namespace VectorDb.Benchmarks.IndexBench;

/// <summary>Vectors to index, queries, and the ten exact nearest of each.</summary>
public sealed class Workload
{
    public const int Neighbors = 10;

    Workload(Metric metric, int dimensions, float[] vectors, float[] queries)
    {
        Metric = metric;
        Dimensions = dimensions;
        Base = vectors;
        Queries = queries;
        Truth = new int[QueryCount * Neighbors];
    }

    public Metric Metric { get; }

    public int Dimensions { get; }

    public float[] Base { get; }

    public float[] Queries { get; }

    /// <summary>Row numbers, ten a query.</summary>
    public int[] Truth { get; }

    public int Count => Base.Length / Dimensions;

    public int QueryCount => Queries.Length / Dimensions;

    public ReadOnlySpan<float> Row(int row) => Base.AsSpan(row * Dimensions, Dimensions);

    public ReadOnlySpan<float> Query(int query) => Queries.AsSpan(query * Dimensions, Dimensions);

    /// <summary>Reads the files and finds the truth by an exact scan on all cores.</summary>
    /// <param name="basePath">The vectors.</param>
    /// <param name="queryPath">The queries; null takes the last 1,000 rows of the base, which are then not indexed.</param>
    /// <param name="metric">Cosine normalises both.</param>
    /// <param name="limit">Vectors to index at most.</param>
    public static Workload Load(string basePath, string? queryPath, Metric metric, int limit)
    {
        var file = VectorFile.Read(basePath);
        var heldOut = queryPath is null ? Math.Min(1000, file.Count / 2) : 0;
        var count = Math.Min(limit, file.Count - heldOut);
        var dimensions = file.Dimensions;
        var queries = queryPath is null
            ? file.Values.AsSpan((file.Count - heldOut) * dimensions).ToArray()
            : VectorFile.Read(queryPath).Values;
        if (queries.Length % dimensions != 0)
            throw new InvalidDataException($"{queryPath} and {basePath} ({dimensions} dimensions) differ in size.");
        var vectors = file.Values.AsSpan(0, count * dimensions).ToArray();
        if (metric == Metric.Cosine)
        {
            Normalize(vectors, dimensions);
            Normalize(queries, dimensions);
        }
        var workload = new Workload(metric, dimensions, vectors, queries);
        workload.FindTruth();
        return workload;
    }

    /// <summary>How many of the ten were found.</summary>
    public int Hits(int query, ReadOnlySpan<int> found)
    {
        var hits = 0;
        foreach (var row in found[..Math.Min(Neighbors, found.Length)])
            hits += Truth.AsSpan(query * Neighbors, Neighbors).Contains(row) ? 1 : 0;
        return hits;
    }

    /// <summary>Writes the files that peers read: base.fvecs, queries.fvecs, truth.i32.</summary>
    public void WriteFor(string folder)
    {
        WriteFvecs(Path.Combine(folder, "base.fvecs"), Base);
        WriteFvecs(Path.Combine(folder, "queries.fvecs"), Queries);
        File.WriteAllBytes(Path.Combine(folder, "truth.i32"), MemoryMarshal.AsBytes<int>(Truth));
    }

    void WriteFvecs(string path, float[] values)
    {
        using var stream = File.Create(path);
        for (var i = 0; i < values.Length; i += Dimensions)
        {
            stream.Write(BitConverter.GetBytes(Dimensions));
            stream.Write(MemoryMarshal.AsBytes(values.AsSpan(i, Dimensions)));
        }
    }

    static void Normalize(float[] values, int dimensions)
    {
        for (var i = 0; i < values.Length; i += dimensions)
        {
            var row = values.AsSpan(i, dimensions);
            var norm = TensorPrimitives.Norm<float>(row);
            if (norm > 0)
                TensorPrimitives.Divide(row, norm, row);
        }
    }

    void FindTruth()
    {
        using var flat = new FlatIndex(Dimensions, Metric);
        var slots = Enumerable.Range(0, Count).ToArray();
        flat.Add(slots, Base);
        var live = LiveSlots.Empty.With(slots, []);
        const int together = 8;
        Parallel.For(0, (QueryCount + together - 1) / together, part =>
        {
            var first = part * together;
            var nearest = new TopK[Math.Min(together, QueryCount - first)];
            for (var i = 0; i < nearest.Length; i++)
                (nearest[i] = new TopK()).Reset(Neighbors, SlotNumbers.Order);
            var vectors = Queries.AsSpan(first * Dimensions, nearest.Length * Dimensions);
            flat.Search(new IndexQuery { Vectors = vectors, Live = live }, nearest);
            for (var i = 0; i < nearest.Length; i++)
            {
                nearest[i].Sort();
                nearest[i].SlotSpan.CopyTo(Truth.AsSpan((first + i) * Neighbors, Neighbors));
            }
        });
    }
}

/// <summary>Equal ranks in the order of slots: a benchmark's rows have no other keys.</summary>
sealed class SlotNumbers : ISlotOrder
{
    public static readonly SlotNumbers Order = new();

    public int Compare(int left, int right) => left.CompareTo(right);
}
