using MassTransit;
using MassTransit.Testing;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using VectorDb.Contracts;
using VectorDb.Engine;
using VectorDb.IngestWorker;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;
using VectorDb.ShardWorker;

namespace VectorDb.Roles.Tests;

/// <summary>Which roles a host runs.</summary>
[Flags]
public enum Roles
{
    None = 0,
    Shard = 1,
    Ingest = 2,
    Query = 4,
    All = Shard | Ingest | Query,
}

/// <summary>
/// Real roles in this process, composed as the server composes them, on MassTransit's test harness: real shards in a folder, real
/// endpoints connected at run time.
/// </summary>
public sealed class RoleHost : IAsyncDisposable
{
    public const int ShardCount = 3;

    /// <summary>Longer than any answer takes, retries of 2.6 s included.</summary>
    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 30);

    readonly WebApplication _app;

    RoleHost(WebApplication app) => _app = app;

    public IServiceProvider Services => _app.Services;

    public IBus Bus => Services.GetRequiredService<IBus>();

    public ITestHarness Harness => Services.GetRequiredService<ITestHarness>();

    /// <summary>Starts the roles; `folder` holds, or gets, the shards' files.</summary>
    public static async Task<RoleHost> StartAsync(string folder, Roles roles)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(new Dictionary<string, string?>
        {
            ["VectorDb:DataPath"] = folder,
            ["VectorDb:Shards"] = $"{ShardCount}",
            ["VectorDb:ModelPath"] = Models.Folder,
        });
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var options = builder.AddServiceDefaults();
        builder.AddVectorDbBus(bus =>
        {
            bus.AddShardConsumers();
            bus.AddIngestConsumers();
            bus.AddQueryConsumers();
        });
        builder.Services.AddMassTransitTestHarness(TextWriter.Null);
        if (roles.HasFlag(Roles.Ingest))
            builder.AddIngestRole(options);
        if (roles.HasFlag(Roles.Query))
            builder.AddQueryRole();
        if (roles.HasFlag(Roles.Shard))
            builder.AddShardRole();
        var host = new RoleHost(builder.Build());
        await host.StartAsync();
        return host;
    }

    public Shard Engine(int shard) => Services.GetRequiredService<ShardSet>()[shard].Engine;

    public PointReading Read(int shard, byte[] id) => Engine(shard).Read(new PointKey(id));

    /// <summary>The shards that the home of an id names, in order.</summary>
    public int[] PlacesOf(byte[] id) =>
        [.. Engine(Home.Of(id, ShardCount)).Locate(new PointKey(id))?.Places.Select(place => place.Shard) ?? []];

    public async Task SendAsync<T>(Uri address, T message, Action<SendContext<T>>? configure = null)
        where T : class
    {
        var endpoint = await Bus.GetSendEndpoint(address);
        await endpoint.Send(message, context => configure?.Invoke(context), TestContext.Current.CancellationToken);
    }

    public async Task<TAnswer> AskAsync<TRequest, TAnswer>(Uri address, TRequest request)
        where TRequest : class
        where TAnswer : class
    {
        var client = Bus.CreateRequestClient<TRequest>(address, Timeout);
        return (await client.GetResponse<TAnswer>(request, TestContext.Current.CancellationToken)).Message;
    }

    public async Task<IdGrant[]> ClaimAsync(int home, params IdClaim[] claims)
    {
        var answer = await AskAsync<ClaimIds, IdsClaimed>(ShardAddress.Directory(home), new() { Shard = home, Claims = claims });
        return [.. answer.Grants];
    }

    /// <summary>Sends rows and waits until their shard says that they are stored.</summary>
    public async Task<PointsStored> StoreAsync(Inbox inbox, UpsertPoints rows)
    {
        var operation = Guid.NewGuid();
        var points = rows.Points.Select((row, i) => row with { OperationId = operation, Ordinal = i, ReplyTo = inbox.Address });
        await SendAsync(ShardAddress.Write(rows.Shard), rows with { Points = [.. points] });
        return await inbox.NextAsync<PointsStored>(stored => stored.Points.Any(point => point.OperationId == operation));
    }

    /// <summary>Claims an id for a shard and stores its row there, as the router does. Returns the grant.</summary>
    public async Task<IdGrant> PlaceAsync(Inbox inbox, byte[] id, int target)
    {
        var grant = (await ClaimAsync(Home.Of(id, ShardCount), Wire.Claim(id, target)))[0];
        await StoreAsync(inbox, Wire.Upsert(target, Wire.Row(id, grant.Version) with { OtherPlaces = grant.OtherPlaces }));
        return grant;
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    async Task StartAsync()
    {
        // MassTransit keeps the log of the bus built last in this flow, which may be closed already.
        LogContext.ConfigureCurrentLogContext(Services.GetRequiredService<ILoggerFactory>());
        await _app.StartAsync();
        var readiness = Services.GetRequiredService<Readiness>();
        if (Services.GetService<ClusterView>() is { } view && Services.GetService<ShardSet>() is not null)
            readiness.AddSource(view.Lacking);
        await Eventually.TrueAsync(() => readiness.IsReady, "the roles are ready");
    }
}
