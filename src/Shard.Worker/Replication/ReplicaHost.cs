using MassTransit;
using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Replication;

/// <summary>What the lives of this process's replicas share.</summary>
public sealed record ReplicaHost
{
    /// <summary>Often, because writes wait for a replica that has died until enough announcements are missing.</summary>
    public static readonly TimeSpan AnnounceEvery = TimeSpan.FromSeconds(1);

    public required IBus Bus { get; init; }

    public required BusLink Link { get; init; }

    public required ShardSet Shards { get; init; }

    public required VectorDbOptions Options { get; init; }

    public required ShardUrls Urls { get; init; }

    public required QueueProbe Queues { get; init; }

    public required TimeProvider Clock { get; init; }

    public required ILogger Logger { get; init; }

    public static ReplicaHost From(IServiceProvider services) => new()
    {
        Bus = services.GetRequiredService<IBus>(),
        Link = services.GetRequiredService<BusLink>(),
        Shards = services.GetRequiredService<ShardSet>(),
        Options = services.GetRequiredService<VectorDbOptions>(),
        Urls = services.GetRequiredService<ShardUrls>(),
        Queues = ActivatorUtilities.CreateInstance<QueueProbe>(services),
        Clock = services.GetRequiredService<TimeProvider>(),
        Logger = services.GetRequiredService<ILogger<ReplicaHost>>(),
    };
}
