using VectorDb.IngestWorker;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;
using VectorDb.ShardWorker.Endpoints;

namespace VectorDb.Server;

/// <summary>All roles in one process, over the in-memory transport: the embedded default.</summary>
public static class ServerHost
{
    /// <summary>Builds the server; nothing listens or opens a file before it is started.</summary>
    /// <exception cref="InvalidOperationException">A setting is out of range; the message names it.</exception>
    /// <exception cref="Embedding.ModelFolderException">The model is missing or damaged; the message says how to get it.</exception>
    public static WebApplication Build(ServeOptions serve)
    {
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection(serve.ToSettings());
        builder.WebHost.UseKestrelHttpsConfiguration();
        builder.WebHost.UseUrls(serve.Urls.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
        builder.Logging.ClearProviders().AddSimpleConsole(console => console.SingleLine = true);
        var readiness = new Readiness();
        builder.Services.AddSingleton(readiness);
        builder.Logging.AddFilter("Microsoft", LogLevel.Warning);
        // A bus that is stopped because a shard does not open complains of being stopped.
        builder.Logging.AddFilter("MassTransit", level => level >= LogLevel.Warning && readiness.Failure is null);
        // Why the server does not start is said once, in a sentence, by the command that starts it.
        builder.Logging.AddFilter("Microsoft.Extensions.Hosting", LogLevel.None);
        builder.Logging.AddFilter(typeof(ShardEndpoints).FullName, LogLevel.None);
        // Whoever asks /readyz while the server starts is told why it is not; the log need not call that a failure.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);

        var options = builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus =>
        {
            bus.AddIngestConsumers();
            bus.AddShardConsumers();
            bus.AddQueryConsumers();
        });
        builder.AddIngestRole(options);
        builder.AddQueryRole();
        builder.AddShardRole();

        var app = builder.Build();
        app.MapQueryApi();
        app.MapShardPages();
        app.MapDefaultEndpoints();
        return app;
    }
}
