using MassTransit;
using VectorDb.Contracts;

namespace VectorDb.ShardWorker.Consumers;

/// <summary>Draws vectors to train from.</summary>
public sealed class SampleVectorsConsumer(ShardSet shards) : IConsumer<SampleVectors>
{
    public Task Consume(ConsumeContext<SampleVectors> context)
    {
        var request = context.Message;
        var shard = shards[request.Shard].Engine;
        var size = (shard.Schema?.Dimensions ?? 1) * sizeof(float);
        var vectors = shard.Sample(Math.Min(request.Count, Math.Max(1, Limits.TrainingBytesMax / size)), request.Seed);
        return context.RespondAsync(new VectorsSampled
        {
            Vectors = [.. vectors.SelectMany(vector => VectorBytes.From(vector))],
            Points = shard.Stats.Points,
        });
    }
}
