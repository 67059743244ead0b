using MassTransit;
using VectorDb.Embedding;
using VectorDb.IngestWorker.Choosing;
using VectorDb.IngestWorker.Consumers;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>The role that embeds texts and routes points and searches to shards.</summary>
public static class IngestRole
{
    /// <summary>Call after the bus was added. The model is loaded here, so that a missing one is told at once.</summary>
    /// <exception cref="ModelFolderException">The model is missing or damaged; the message says how to get it.</exception>
    public static IHostApplicationBuilder AddIngestRole(this IHostApplicationBuilder builder, VectorDbOptions options)
    {
        IEmbedder embedder = new CachingEmbedder(
            new MeasuredEmbedder(OnnxEmbedder.Load(ModelFolder.Find(options.ModelPath, options.Model))));
        builder.Services
            .AddSingleton(_ => embedder)
            .AddSingleton<Ingestor>()
            .AddSingleton<SearchRouter>()
            .AddSingleton<SketchBook>()
            .AddSingleton<PlacementView>()
            .AddSingleton<StoredSample>()
            .AddSingleton<IngestPump>()
            .AddSingleton<ShardsHeard>()
            .AddSingleton<ShardWorkers>()
            .AddHostedService<IngestEndpoints>()
            .AddHostedService<RouterAnnouncer>()
            .AddHostedService<AutoTrial>();
        return builder;
    }

    public static void AddIngestConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddRoleConsumer<StoreVectorConsumer>();
        bus.AddRoleConsumer<SearchRequestConsumer>();
        bus.AddRoleConsumer<EmbedTextsConsumer>();
        bus.AddRoleConsumer<TrainCentroidsConsumer>();
        bus.AddRoleConsumer<CollectionChangedConsumer>();
        bus.AddRoleConsumer<ShardAnnouncedConsumer>();
        bus.AddRoleConsumer<ShardSketchedConsumer>();
    }
}
