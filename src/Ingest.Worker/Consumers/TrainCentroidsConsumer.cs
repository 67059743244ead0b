using MassTransit;
using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker.Consumers;

/// <summary>Trains centroids from a sample of texts or vectors.</summary>
public sealed class TrainCentroidsConsumer(IEmbedder embedder, StoredSample stored) : IConsumer<TrainCentroids>
{
    public async Task Consume(ConsumeContext<TrainCentroids> context)
    {
        var request = context.Message;
        if (request.Texts is not null && embedder.Model.Dimensions != request.Dimensions)
        {
            await context.RespondAsync(Refusal(
                $"The model {embedder.Model.Name} makes vectors of {embedder.Model.Dimensions} numbers and the collection has "
                + $"vectors of {request.Dimensions}; train from vectors."));
            return;
        }
        var sample = await SampleAsync(request, context.CancellationToken);
        if (sample.Count < request.ShardCount)
        {
            await context.RespondAsync(Refusal(
                $"{sample.Count} stored points are too few to train from; store at least {request.ShardCount}, better hundreds a shard."));
            return;
        }
        var trained = CentroidTrainer.Train(sample, request.ShardCount, request.Seed, isSpherical: request.Metric != "Euclid");
        await context.RespondAsync(new CentroidsTrained
        {
            Centroids = [.. trained.Centroids.SelectMany(centroid => VectorBytes.From(centroid))],
            Offsets = trained.Offsets,
            SampleCount = sample.Count,
        });
    }

    async Task<IReadOnlyList<float[]>> SampleAsync(TrainCentroids request, CancellationToken cancellationToken) => request switch
    {
        { Texts: { } texts } => [.. embedder.Embed(texts, cancellationToken).Select(text => text.Vector)],
        { Vectors: { } vectors } => StoredSample.Split(vectors, request.Dimensions),
        _ => await stored.DrawAsync(request, cancellationToken),
    };

    static RequestRefused Refusal(string reason) => new() { IsCallersFault = true, Reason = reason };
}
