using System.Numerics.Tensors;
using VectorDb.Embedding;
using VectorDb.Engine;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.Server.Benchmarking.Shards;

/// <summary>
/// Vectors to store, other ones to search for, and the exact answers. Both are drawn evenly from the whole of what is given, so that
/// a file of two kinds of texts gives both kinds.
/// </summary>
public sealed class ShardsWorkload
{
    public const int TopK = 10;

    /// <summary>As many as the prototype had.</summary>
    const int PointsDefault = 10_000;

    const int TextsAtOnce = 256;

    ShardsWorkload(float[] vectors, float[] queries, int dimensions, int[] truth) =>
        (Vectors, Queries, Dimensions, Truth) = (vectors, queries, dimensions, truth);

    /// <summary>float32, points x dimensions, of L2 norm 1.</summary>
    public float[] Vectors { get; }

    public float[] Queries { get; }

    public int Dimensions { get; }

    /// <summary>Row numbers, ten a query, best first.</summary>
    public int[] Truth { get; }

    public int Count => Vectors.Length / Dimensions;

    public int QueryCount => Queries.Length / Dimensions;

    public float[] Point(int i) => Vectors[(i * Dimensions)..((i + 1) * Dimensions)];

    public float[] Query(int i) => Queries[(i * Dimensions)..((i + 1) * Dimensions)];

    /// <exception cref="CommandFailure">A file is missing, or has too few rows; the message says what to do.</exception>
    public static ShardsWorkload Load(ShardsBenchmarkOptions options, StepDisplay steps, CancellationToken stop)
    {
        var (values, dimensions) = options.Vectors is { } path
            ? Drawn(VectorFile.Read(path), path, options)
            : Embedded(options, steps, stop);
        var wanted = values.Length / dimensions;
        for (var i = 0; i < wanted; i++)
            Normalise(values.AsSpan(i * dimensions, dimensions), i);
        // A query stands between points of the same part of the file.
        var (vectors, queries) = (new List<float>(values.Length), new List<float>(options.Queries * dimensions));
        for (var i = 0; i < wanted; i++)
        {
            var isQuery = (long)(i + 1) * options.Queries / wanted > (long)i * options.Queries / wanted;
            (isQuery ? queries : vectors).AddRange(values.AsSpan(i * dimensions, dimensions));
        }
        var (points, questions) = (vectors.ToArray(), queries.ToArray());
        var truth = IndexTrial.Exact(
            points, questions, new(dimensions, Metric.Cosine), TopK, part => steps.Show("exact truth", part), stop);
        return new(points, questions, dimensions, truth);
    }

    static (float[] Values, int Dimensions) Drawn(VectorFile file, string path, ShardsBenchmarkOptions options)
    {
        var wanted = Wanted(path, file.Count, options);
        var drawn = new float[(long)wanted * file.Dimensions];
        for (var i = 0; i < wanted; i++)
            file.Values.AsSpan((int)((long)i * file.Count / wanted) * file.Dimensions, file.Dimensions)
                .CopyTo(drawn.AsSpan(i * file.Dimensions));
        return (drawn, file.Dimensions);
    }

    static (float[] Values, int Dimensions) Embedded(
        ShardsBenchmarkOptions options, StepDisplay steps, CancellationToken stop)
    {
        var all = options.Texts.SelectMany(TextsOf).ToList();
        var wanted = Wanted(string.Join(" and ", options.Texts), all.Count, options);
        var texts = Enumerable.Range(0, wanted).Select(i => all[(int)((long)i * all.Count / wanted)]).ToList();
        using var embedder = OnnxEmbedder.Load(ModelFolder.Find(options.ModelPath, options.Model));
        var values = new List<float>(wanted * embedder.Model.Dimensions);
        foreach (var batch in texts.Chunk(TextsAtOnce))
        {
            foreach (var text in embedder.Embed(batch, stop))
                values.AddRange(text.Vector);
            steps.Show($"embedding {wanted:N0} texts", values.Count / (double)(wanted * embedder.Model.Dimensions));
        }
        return (values.ToArray(), embedder.Model.Dimensions);
    }

    static IReadOnlyList<string> TextsOf(string file)
    {
        using var reader = new LoadInput(file, new(), long.MaxValue).Open();
        return [.. reader.ReadRows().Select(row => row.Point?.Text).OfType<string>()];
    }

    static int Wanted(string path, int count, ShardsBenchmarkOptions options)
    {
        var points = options.Points ?? Math.Min(PointsDefault, count - options.Queries);
        return points >= TopK && points + options.Queries <= count
            ? points + options.Queries
            : throw new CommandFailure($"{path} has {count:N0} rows, too few for {options.Queries:N0} queries and "
                + $"{Math.Max(points, TopK):N0} points. Give more, or smaller --points or --queries.");
    }

    static void Normalise(Span<float> vector, int row)
    {
        var norm = TensorPrimitives.Norm<float>(vector);
        if (!(norm > 0))
            throw new CommandFailure($"Vector {row} of those drawn is zero and has no direction. Leave it out.");
        TensorPrimitives.Divide(vector, norm, vector);
    }
}
