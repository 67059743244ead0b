using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Logging;
using VectorDb.EndToEnd.Tests.Serving;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using Xunit;

namespace VectorDb.EndToEnd.Tests.RabbitMq;

/// <summary>
/// The whole server in this process, its messages through the broker that VECTORDB_RABBITMQ names
/// (amqp://user:password@host:port/vhost). The settings stand in the environment meanwhile, where a load finds them too.
/// </summary>
public sealed class BrokerServer : IAsyncLifetime
{
    const string Variable = "VECTORDB_RABBITMQ";

    static readonly string[] Names =
    [
        "VectorDb__Transport", "RabbitMqTransport__Host", "RabbitMqTransport__Port", "RabbitMqTransport__User",
        "RabbitMqTransport__Pass", "RabbitMqTransport__VHost",
    ];

    InProcessServer? _server;

    public InProcessServer Server
    {
        get
        {
            Assert.SkipWhen(_server is null, $"There is no broker: {Variable} is not set.");
            return _server!;
        }
    }

    public async ValueTask InitializeAsync()
    {
        if (Environment.GetEnvironmentVariable(Variable) is not { Length: > 0 } text)
            return;
        Set(new Uri(text));
        _server = await InProcessServer.StartNewAsync();
    }

    /// <summary>One more API, and nothing else, on the same broker. Give its address to a client; dispose it to end it.</summary>
    public static async Task<WebApplication> StartApiAsync()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus => bus.AddQueryConsumers());
        builder.AddQueryRole();
        var app = builder.Build();
        app.MapQueryApi();
        app.MapDefaultEndpoints();
        await app.StartAsync();
        return app;
    }

    public async ValueTask DisposeAsync()
    {
        if (_server is not null)
            await _server.DisposeAsync();
        foreach (var name in Names)
            Environment.SetEnvironmentVariable(name, null);
    }

    static void Set(Uri broker)
    {
        var who = broker.UserInfo.Split(':', 2);
        string[] values =
        [
            "RabbitMq", broker.Host, $"{(broker.Port > 0 ? broker.Port : 5672)}",
            who[0] is { Length: > 0 } user ? Uri.UnescapeDataString(user) : "guest",
            who.Length > 1 ? Uri.UnescapeDataString(who[1]) : "guest",
            broker.AbsolutePath.TrimStart('/') is { Length: > 0 } host ? Uri.UnescapeDataString(host) : "/",
        ];
        foreach (var (name, value) in Names.Zip(values))
            Environment.SetEnvironmentVariable(name, value);
    }
}
