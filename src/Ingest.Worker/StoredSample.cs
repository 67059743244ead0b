using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker;

/// <summary>Draws vectors from all shards to train centroids from. Thread-safe.</summary>
public sealed class StoredSample(IBus bus)
{
    /// <summary>Enough for 1,024 centroids, and 150 MB of 384 floats.</summary>
    const int SampleMax = 100_000;

    /// <summary>A small collection is used whole: a sample of a tenth would say little.</summary>
    const int SampleMin = 10_000;

    /// <summary>
    /// With 45 rows a centroid the largest of 256 shards of WordNet had 1.55 times the mean, because what is stored spreads by chance
    /// otherwise than so small a sample (docs/routing.md).
    /// </summary>
    const int RowsPerCentroid = 200;

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 30);

    /// <summary>How many of `total` points to train so many centroids from, where a share of them is wanted.</summary>
    public static long Size(long total, double share, int centroids)
    {
        var least = Math.Min(total, Math.Max(SampleMin, (long)centroids * RowsPerCentroid));
        return Math.Clamp((long)(total * share), Math.Min(least, SampleMax), SampleMax);
    }

    /// <summary>
    /// The wanted share of each shard's points, drawn in parts that fit a message. A point may be drawn by two parts.
    /// </summary>
    public async Task<IReadOnlyList<float[]>> DrawAsync(TrainCentroids request, CancellationToken cancellationToken)
    {
        var shards = request.SampledShards ?? request.ShardCount;
        var counts = await Task.WhenAll(Enumerable.Range(0, shards)
            .Select(shard => AskAsync(shard, count: 0, request.Seed, cancellationToken)));
        var total = counts.Sum(answer => answer.Points);
        var wanted = Size(total, request.StoredShare, request.ShardCount);
        var perPart = Math.Max(1, Limits.TrainingBytesMax / (request.Dimensions * sizeof(float)));
        var sample = new List<float[]>((int)wanted);
        for (var shard = 0; shard < shards; shard++)
        {
            var left = (int)(wanted * counts[shard].Points / Math.Max(1, total));
            for (var part = 0; left > 0; part++, left -= perPart)
            {
                var answer = await AskAsync(shard, Math.Min(left, perPart), request.Seed + part, cancellationToken);
                sample.AddRange(Split(answer.Vectors, request.Dimensions));
            }
        }
        return sample;
    }

    /// <summary>`vectors`: float32 little-endian, one after another.</summary>
    public static IReadOnlyList<float[]> Split(byte[] vectors, int dimensions) =>
        [.. vectors.Chunk(dimensions * sizeof(float)).Select(bytes => VectorBytes.ToFloats(bytes))];

    async Task<VectorsSampled> AskAsync(int shard, int count, int seed, CancellationToken cancellationToken)
    {
        var client = bus.CreateRequestClient<SampleVectors>(ShardAddress.Search(shard), Timeout);
        var answer = await client.GetResponse<VectorsSampled>(
            new SampleVectors { Shard = shard, Count = count, Seed = seed }, cancellationToken);
        return answer.Message;
    }
}
