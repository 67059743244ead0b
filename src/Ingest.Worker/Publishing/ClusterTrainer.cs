using MassTransit;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>Has the router train centroids from a sample and the keeper set them, as `POST /train` does.</summary>
public sealed class ClusterTrainer(LoadCluster cluster, LoadCollection collection) : ITrainer
{
    /// <summary>Embedding a sample of texts takes most of it.</summary>
    static readonly RequestTimeout TrainingTimeout = RequestTimeout.After(m: 10);

    static readonly RequestTimeout SettingTimeout = RequestTimeout.After(s: 20);

    public async Task<string?> TrainAsync(IReadOnlyList<PointInput> sample, long sampledFrom, CancellationToken cancellationToken)
    {
        var state = await collection.GetOrDefineAsync(sample, cancellationToken);
        var good = sample.Where(point => collection.Problem(point, state.Shape) is null).ToList();
        var vectors = Thin([.. good.Where(point => point.Vector is not null)], state.Shape.Dimensions * sizeof(float));
        var texts = vectors.Count > 0 ? [] : Thin(good, good.Count == 0 ? 1 : good.Max(point => PointBatches.BytesOf(point.Text)));
        if (vectors.Count + texts.Count < state.ShardCount)
            return $"the sample has fewer rows that fit the collection than there are shards ({state.ShardCount})";
        try
        {
            var client = cluster.Bus.CreateRequestClient<TrainCentroids>(ShardAddress.Ingest, TrainingTimeout);
            var answer = await client.GetResponse<CentroidsTrained, RequestRefused>(
                new TrainCentroids
                {
                    Dimensions = state.Shape.Dimensions,
                    Metric = state.Shape.Metric,
                    ShardCount = state.ShardCount,
                    Vectors = vectors.Count == 0 ? null : [.. vectors.SelectMany(point => VectorBytes.From(point.Vector))],
                    Texts = vectors.Count > 0 ? null : [.. texts.Select(point => point.Text!)],
                },
                cancellationToken);
            return answer.Is(out Response<CentroidsTrained>? trained)
                ? await SetAsync(trained.Message, state.ShardCount, sampledFrom, cancellationToken)
                : ReasonOf(answer);
        }
        catch (Exception e) when (e is RequestTimeoutException or RequestFaultException)
        {
            return $"the router or the keeper shard failed: {e.Message}";
        }
    }

    async Task<string?> SetAsync(CentroidsTrained trained, int shardCount, long sampledFrom, CancellationToken cancellationToken)
    {
        var client = cluster.Bus.CreateRequestClient<SetCentroids>(ShardAddress.Directory(ShardAddress.KeeperShard), SettingTimeout);
        var answer = await client.GetResponse<CentroidsSet, RequestRefused>(
            new SetCentroids
            {
                CentroidShards = [.. Enumerable.Range(0, shardCount)],
                Centroids = trained.Centroids,
                CentroidOffsets = trained.Offsets,
                TrainedPoints = sampledFrom,
            },
            cancellationToken);
        if (!answer.Is(out Response<CentroidsSet>? set))
            return ReasonOf(answer);
        collection.Note(set.Message.State);
        return null;
    }

    static string ReasonOf<T>(Response<T, RequestRefused> answer)
        where T : class => answer.Is(out Response<RequestRefused>? refused) ? refused.Message.Reason : "the answer was not understood";

    /// <summary>Evenly chosen, as many as one message carries.</summary>
    static List<PointInput> Thin(List<PointInput> points, int bytesEach)
    {
        var keep = Math.Clamp(Limits.TrainingBytesMax / Math.Max(1, bytesEach), 1, Limits.TrainingSampleMax);
        return points.Count <= keep
            ? points
            : [.. Enumerable.Range(0, keep).Select(i => points[(int)((long)i * points.Count / keep)])];
    }
}
