using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using VectorDb.Engine;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Benchmarking;

/// <summary>Vectors to index, queries, and the ten exact nearest of each.</summary>
public sealed class Workload
{
    public const int Neighbors = 10;

    /// <summary>Rows of the base that serve as queries when no others are given.</summary>
    const int HeldOut = 1000;

    Workload(Metric metric, int dimensions, float[] vectors, int count, float[] queries)
    {
        Metric = metric;
        Dimensions = dimensions;
        Vectors = vectors;
        Count = count;
        Queries = queries;
    }

    public Metric Metric { get; }

    public int Dimensions { get; }

    /// <summary>float32, <see cref="Count"/> x <see cref="Dimensions"/> and perhaps more.</summary>
    public float[] Vectors { get; }

    public float[] Queries { get; }

    /// <summary>Row numbers, ten a query, best first.</summary>
    public int[] Truth { get; private set; } = [];

    /// <summary>Vectors to index.</summary>
    public int Count { get; }

    public int QueryCount => Queries.Length / Dimensions;

    public ReadOnlySpan<float> Rows(int first, int count) => Vectors.AsSpan(first * Dimensions, count * Dimensions);

    /// <summary>Reads and checks the files, and finds the truth by an exact scan on all cores.</summary>
    /// <exception cref="CommandFailure">A file is missing, of another kind, or does not fit; the message says which.</exception>
    public static Workload Load(IndexBenchmarkOptions options, StepDisplay steps, CancellationToken stop)
    {
        var file = VectorFile.Read(options.Base);
        var dimensions = file.Dimensions;
        if (dimensions is < IndexTrial.DimensionsMin or > IndexTrial.DimensionsMax)
            throw new CommandFailure(
                $"{options.Base} has {dimensions} numbers a vector; the index takes {IndexTrial.DimensionsMin} to "
                + $"{IndexTrial.DimensionsMax}.");
        var heldOut = options.Queries is null ? Math.Min(HeldOut, file.Count / 2) : 0;
        var queries = options.Queries is null
            ? file.Values.AsSpan((file.Count - heldOut) * dimensions).ToArray()
            : ReadQueries(options, dimensions);
        var count = Math.Min(options.Limit, file.Count - heldOut);
        if (count < Neighbors)
            throw new CommandFailure(
                $"{options.Base} has {count} vectors to index; recall@{Neighbors} needs {Neighbors} at least.");
        var vectors = count * (long)dimensions == file.Values.Length ? file.Values : file.Values[..(count * dimensions)];
        if (options.Metric == Metric.Cosine)
        {
            Normalize(vectors, dimensions, options.Base);
            Normalize(queries, dimensions, options.Queries ?? options.Base);
        }
        var workload = new Workload(options.Metric, dimensions, vectors, count, queries);
        var collection = new CollectionSchema(dimensions, options.Metric);
        workload.Truth = IndexTrial.Exact(
            vectors, queries, collection, Neighbors, part => steps.Show("exact truth", part), stop);
        return workload;
    }

    /// <summary>How many of the ten of some queries were found.</summary>
    /// <param name="first">The first of the queries.</param>
    /// <param name="count">How many queries.</param>
    /// <param name="found">Row numbers, ten a query.</param>
    public int Hits(int first, int count, ReadOnlySpan<int> found)
    {
        var hits = 0;
        for (var i = 0; i < count * Neighbors; i++)
            hits += Truth.AsSpan((first + i / Neighbors) * Neighbors, Neighbors).Contains(found[i]) ? 1 : 0;
        return hits;
    }

    /// <summary>Writes the files that peers read: base.fvecs, queries.fvecs, truth.i32.</summary>
    public void WriteFor(string folder)
    {
        WriteFvecs(Path.Combine(folder, "base.fvecs"), Vectors);
        WriteFvecs(Path.Combine(folder, "queries.fvecs"), Queries);
        File.WriteAllBytes(Path.Combine(folder, "truth.i32"), MemoryMarshal.AsBytes<int>(Truth));
    }

    static float[] ReadQueries(IndexBenchmarkOptions options, int dimensions)
    {
        var file = VectorFile.Read(options.Queries!);
        if (file.Dimensions != dimensions)
            throw new CommandFailure(
                $"{options.Queries} has {file.Dimensions} numbers a vector and {options.Base} has {dimensions}; "
                + "they must be the same.");
        return file.Values;
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

    static void Normalize(float[] values, int dimensions, string path)
    {
        for (var i = 0; i < values.Length; i += dimensions)
        {
            var row = values.AsSpan(i, dimensions);
            var norm = TensorPrimitives.Norm<float>(row);
            if (!(norm > 0))
                throw new CommandFailure(
                    $"{path}: row {i / dimensions} is zero and has no direction. Leave it out, or use --metric dot or euclid.");
            TensorPrimitives.Divide(row, norm, row);
        }
    }
}
