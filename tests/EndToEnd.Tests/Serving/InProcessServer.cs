using Microsoft.AspNetCore.Builder;
using VectorDb.Server;
using Xunit;

namespace VectorDb.EndToEnd.Tests.Serving;

/// <summary>The whole server inside the test's process, on a free port and a data folder of its own, reached by real HTTP.</summary>
public sealed class InProcessServer : IAsyncLifetime
{
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(90);

    readonly TempFolder _folder = new();
    readonly string _dataPath;
    WebApplication? _app;
    Api? _api;

    public InProcessServer() => _dataPath = _folder.Path;

    InProcessServer(string dataPath) => _dataPath = dataPath;

    public Api Api => _api ?? throw new InvalidOperationException("The server is not running.");

    public IServiceProvider Services => _app?.Services ?? throw new InvalidOperationException("The server is not running.");

    /// <summary>On the data folder that is named, where one is.</summary>
    public static async Task<InProcessServer> StartNewAsync(string? dataPath = null)
    {
        var server = dataPath is null ? new InProcessServer() : new InProcessServer(dataPath);
        await server.InitializeAsync();
        return server;
    }

    public async ValueTask InitializeAsync()
    {
        _app = ServerHost.Build(new ServeOptions
        {
            Urls = "http://127.0.0.1:0",
            DataPath = _dataPath,
            ModelPath = RepositoryFiles.Models,
        });
        await _app.StartAsync();
        _api = new Api(new Uri(_app.Urls.First()));
        await Eventually.TrueAsync(async () => (await _api.GetAsync("readyz")).IsSuccess, Patience, "the server is ready");
    }

    public async ValueTask DisposeAsync()
    {
        _api?.Dispose();
        if (_app is not null)
        {
            await _app.StopAsync();
            await _app.DisposeAsync();
        }
        _folder.Dispose();
    }
}

/// <summary>One server for all tests that only need some server: they use ids of their own and leave no centroids behind.</summary>
[CollectionDefinition(Name)]
public sealed class SharedServer : ICollectionFixture<InProcessServer>
{
    public const string Name = "Shared server";

    /// <summary>Size of the vectors that the tests on this server store.</summary>
    public const int Dimensions = 4;
}
