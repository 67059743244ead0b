using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VectorDb.IngestWorker;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>One role with its own connection to the broker, composed as its program composes it, in the test's process.</summary>
sealed class RoleProcess : IAsyncDisposable
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly WebApplication _app;

    RoleProcess(WebApplication app)
    {
        _app = app;
        Api = new(new Uri(app.Urls.First()));
    }

    public Api Api { get; }

    public IServiceProvider Services => _app.Services;

    public static Task<RoleProcess> QueryAsync(IEnumerable<(string, string)> broker) => StartAsync(broker, [], builder =>
    {
        builder.AddVectorDbBus(bus => bus.AddQueryConsumers());
        builder.AddQueryRole();
    }, app => app.MapQueryApi());

    public static Task<RoleProcess> IngestAsync(IEnumerable<(string, string)> broker) => StartAsync(broker, [], builder =>
    {
        builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
        builder.AddIngestRole(new() { Shards = Broker.Shards, ModelPath = RepositoryFiles.Models });
    });

    /// <summary>`shards` such as "0" or "0-1"; the rows stay in `folder`. `count`: the setting `Shards`.</summary>
    public static Task<RoleProcess> ShardAsync(
        IEnumerable<(string, string)> broker, string shards, string folder, int count = Broker.Shards) => StartAsync(
        broker, [("VectorDb:OwnedShards", shards), ("VectorDb:DataPath", folder), ("VectorDb:Shards", $"{count}")], builder =>
        {
            builder.AddVectorDbBus(bus => bus.AddShardConsumers());
            builder.AddShardRole();
        });

    public Task ReadyAsync() => Eventually.TrueAsync(async () => (await Api.GetAsync("readyz")).IsSuccess, Patience, "the role is ready");

    /// <summary>Returns when it is there, whatever it still waits for.</summary>
    public async Task StopAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        Api.Dispose();
        await StopAsync();
    }

    static async Task<RoleProcess> StartAsync(
        IEnumerable<(string Name, string Value)> broker, IEnumerable<(string Name, string Value)> settings,
        Action<WebApplicationBuilder> compose, Action<WebApplication>? map = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["VectorDb:Transport"] = "RabbitMq",
            ["VectorDb:Shards"] = $"{Broker.Shards}",
            ["VectorDb:ModelPath"] = RepositoryFiles.Models,
        });
        builder.Configuration.AddInMemoryCollection(broker.Select(setting =>
            KeyValuePair.Create($"RabbitMqTransport:{setting.Name}", (string?)setting.Value)));
        builder.Configuration.AddInMemoryCollection(settings.Select(setting => KeyValuePair.Create(setting.Name, (string?)setting.Value)));
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.Services.AddProblemResponses();
        compose(builder);
        var app = builder.Build();
        // MassTransit keeps the log of the bus built last in this flow, which may be closed already.
        MassTransit.LogContext.ConfigureCurrentLogContext(app.Services.GetRequiredService<ILoggerFactory>());
        map?.Invoke(app);
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return new(app);
    }
}
