using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using VectorDb.IngestWorker;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>The roles as their own programs compose them, but for ports and log.</summary>
public static class RoleChild
{
    public const string Ready = "ready";

    /// <summary>`router SHARDS`, `shards SHARDS OWNED FOLDER`, `echo` or `relay`. Ends when the standard input does.</summary>
    public static async Task<int> RunAsync(string[] arguments)
    {
        if (arguments is ["echo" or "relay"])
        {
            await using var hop = arguments[0] == "echo"
                ? await BareHop.StartAsync(BareHop.Echo, next: null)
                : await BareHop.StartAsync(BareHop.Relay, BareHop.Echo);
            await SayReadyAndWaitAsync();
            return 0;
        }
        await using var app = arguments switch
        {
            ["router", var shards] => Router(shards),
            ["shards", var shards, var owned, var folder] => Shards(shards, owned, folder),
            _ => throw new ArgumentException($"Not a role: {string.Join(' ', arguments)}"),
        };
        await app.StartAsync();
        await SayReadyAndWaitAsync();
        await app.StopAsync();
        return 0;
    }

    /// <summary>The query role, in the benchmark's own process, so that it can be driven without HTTP too.</summary>
    public static WebApplication Query(int shards)
    {
        var builder = Builder($"{shards}");
        builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus => bus.AddQueryConsumers());
        builder.AddQueryRole();
        var app = builder.Build();
        app.MapQueryApi();
        return app;
    }

    static WebApplication Router(string shards)
    {
        var builder = Builder(shards);
        var options = builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus => bus.AddIngestConsumers());
        builder.AddIngestRole(options);
        return builder.Build();
    }

    static WebApplication Shards(string shards, string owned, string folder)
    {
        var builder = Builder(shards);
        builder.Configuration["VectorDb:OwnedShards"] = owned;
        builder.Configuration["VectorDb:DataPath"] = folder;
        builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus => bus.AddShardConsumers());
        builder.AddShardRole();
        return builder.Build();
    }

    static WebApplicationBuilder Builder(string shards)
    {
        var builder = WebApplication.CreateBuilder(new WebApplicationOptions { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration["VectorDb:Transport"] = nameof(TransportKind.RabbitMq);
        builder.Configuration["VectorDb:Shards"] = shards;
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Logging.ClearProviders().AddSimpleConsole().AddFilter(level => level >= LogLevel.Error);
        builder.Logging.AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace);
        return builder;
    }

    static async Task SayReadyAndWaitAsync()
    {
        Console.Out.WriteLine(Ready);
        await Console.In.ReadToEndAsync();
    }
}
