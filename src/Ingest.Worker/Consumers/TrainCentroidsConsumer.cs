using MassTransit;
using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Trains centroids from a sample of texts or vectors.</summary>
public sealed class TrainCentroidsConsumer(IEmbedder embedder) : IConsumer<TrainCentroids>
{
    public Task Consume(ConsumeContext<TrainCentroids> context)
    {
        var request = context.Message;
        if (request.Texts is not null && embedder.Model.Dimensions != request.Dimensions)
            return context.RespondAsync(new RequestRefused
            {
                IsCallersFault = true,
                Reason = $"The model {embedder.Model.Name} makes vectors of {embedder.Model.Dimensions} numbers and the collection has "
                    + $"vectors of {request.Dimensions}; train from vectors.",
            });
        var sample = request.Texts is not null
            ? [.. embedder.Embed(request.Texts, context.CancellationToken).Select(text => text.Vector)]
            : Split(request.Vectors ?? [], request.Dimensions);
        var trained = CentroidTrainer.Train(sample, request.ShardCount, request.Seed, isSpherical: request.Metric != "Euclid");
        return context.RespondAsync(new CentroidsTrained
        {
            Centroids = [.. trained.Centroids.SelectMany(centroid => VectorBytes.From(centroid))],
            Offsets = trained.Offsets,
            SampleCount = sample.Count,
        });
    }

    static List<float[]> Split(byte[] vectors, int dimensions) =>
        [.. vectors.Chunk(dimensions * sizeof(float)).Select(bytes => VectorBytes.ToFloats(bytes))];
}
