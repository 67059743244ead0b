using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Sketching;

/// <summary>Publishes sketches again for a router that says it lacks them, or has others.</summary>
public sealed class RouterAnnouncedConsumer(ShardSet shards) : IConsumer<RouterAnnounced>
{
    public async Task Consume(ConsumeContext<RouterAnnounced> context)
    {
        if (context.Message.SketchRevisions is not { } revisions)
            return;
        foreach (var shard in shards.Open)
        {
            var known = shard.Number < revisions.Length ? revisions[shard.Number] : 0;
            if (shard.TakesPart && shard.Sketch.InsteadOf(known, shards.HasReplicas) is { } sketch)
                await context.Publish(sketch).LeaveBehindAsync(context.CancellationToken);
        }
    }
}
