using MassTransit;
using VectorDb.Contracts;
using VectorDb.Embedding;

namespace VectorDb.IngestWorker;

/// <summary>Says every few seconds that this router is up, and with which model.</summary>
public sealed class RouterAnnouncer(IBus bus, IEmbedder embedder, TimeProvider clock) : BackgroundService
{
    /// <summary>A fifth of the time after which APIs call a router missing.</summary>
    static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    readonly Guid _instance = NewId.NextGuid();

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(Every, clock);
        do
        {
            var model = embedder.Model;
            await bus.Publish(
                new RouterAnnounced
                {
                    Instance = _instance,
                    Model = model.Name,
                    ModelChecksum = model.Checksum,
                    Dimensions = model.Dimensions,
                    MaxTokens = model.MaxTokens,
                },
                CancellationToken.None);
        }
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }
}
