using MassTransit;
using Scalar.AspNetCore;
using VectorDb.Contracts;
using VectorDb.QueryApi.Consumers;
using VectorDb.QueryApi.Endpoints;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>The role that takes HTTP in and sends messages out.</summary>
public static class QueryRole
{
    /// <summary>Call after the bus was added: the reply queue is connected when the bus runs.</summary>
    public static WebApplicationBuilder AddQueryRole(this WebApplicationBuilder builder)
    {
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Limits.MaxRequestBodySize = Limits.BodyBytesMax;
            kestrel.AddServerHeader = false;
        });
        builder.Services.AddProblemResponses();
        builder.Services.AddOpenApi("openapi", options => options.AddDocumentTransformer<OpenApiDescription>());
        builder.Services
            .AddSingleton<ReplyAddress>()
            .AddSingleton<ClusterView>()
            .AddSingleton<PendingSearches>()
            .AddSingleton<PendingWrites>()
            .AddSingleton<SearchCoordinator>()
            .AddSingleton<WriteCoordinator>()
            .AddSingleton<CollectionKeeper>()
            .AddSingleton<PointReader>()
            .AddSingleton<OperationReader>()
            .AddSingleton<ShardSurvey>()
            .AddSingleton<ShardQueues>()
            .AddSingleton<ShardCountChanger>()
            .AddHostedService<ReplyEndpoints>()
            .AddHostedService(services => services.GetRequiredService<PendingSearches>())
            .AddHostedService<KeeperWatch>();
        return builder;
    }

    public static void AddQueryConsumers(this IBusRegistrationConfigurator bus)
    {
        bus.AddRoleConsumer<ShardSearchedConsumer>();
        bus.AddRoleConsumer<SearchRejectedConsumer>();
        bus.AddRoleConsumer<PointsStoredConsumer>();
        bus.AddRoleConsumer<PointsEvictedConsumer>();
        bus.AddRoleConsumer<PointsDeletedConsumer>();
        bus.AddRoleConsumer<PointsRejectedConsumer>();
        bus.AddRoleConsumer<CollectionChangedConsumer>();
        bus.AddRoleConsumer<ShardAnnouncedConsumer>();
        bus.AddRoleConsumer<RouterAnnouncedConsumer>();
    }

    /// <summary>Maps the endpoints, the OpenAPI document and the page to try them.</summary>
    public static void MapQueryApi(this WebApplication app)
    {
        app.UseProblemResponses();
        app.UseSlashesInPaths();
        app.UseBrokerGate();
        var view = app.Services.GetRequiredService<ClusterView>();
        app.Services.GetRequiredService<Readiness>().AddSource(view.Lacking);
        app.MapStatus();
        app.MapPoints();
        app.MapOperations();
        app.MapSearch();
        app.MapCentroids();
        app.MapShardCount();
        app.MapEmbeddings();
        app.MapOpenApi("/{documentName}.json");
        app.MapScalarApiReference("/scalar", scalar => scalar
            .WithTitle("VectorDb").WithOpenApiRoutePattern("/{documentName}.json").AddDocument("openapi"));
    }
}
