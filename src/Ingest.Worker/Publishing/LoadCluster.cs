using System.Net.Sockets;
using MassTransit;
using Microsoft.Extensions.Options;
using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;
using VectorDb.ServiceDefaults;
using Host = Microsoft.Extensions.Hosting.Host;
using IHost = Microsoft.Extensions.Hosting.IHost;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// A load's connection to the broker: the bus, a queue of its own for the fates of its rows, and one for announcements.
/// </summary>
public sealed class LoadCluster : IAsyncDisposable
{
    static readonly TimeSpan ConnectWithin = TimeSpan.FromSeconds(20);

    static readonly RequestTimeout CountTimeout = RequestTimeout.After(s: 10);

    readonly IHost _host;
    readonly ClusterHeard _heard = new();

    LoadCluster(IHost host, LoadProgress progress)
    {
        _host = host;
        Bus = host.Services.GetRequiredService<IBus>();
        Fates = new(progress, TimeProvider.System);
    }

    public IBus Bus { get; }

    public BatchFates Fates { get; }

    public ClusterHeard Heard => _heard;

    public OperationSurvey Survey { get; private set; } = null!;

    /// <summary>Where the fates of rows are told.</summary>
    public Uri ReplyTo { get; private set; } = null!;

    /// <summary>Connects and waits until a router and all shards have been heard of.</summary>
    /// <exception cref="CommandFailure">There is no broker, or somebody is missing; the message says what to start.</exception>
    public static async Task<LoadCluster> ConnectAsync(LoadProgress progress, CancellationToken cancellationToken)
    {
        var cluster = new LoadCluster(BuildHost(), progress);
        try
        {
            await cluster.StartAsync(cancellationToken);
            return cluster;
        }
        catch
        {
            await cluster.DisposeAsync();
            throw;
        }
    }

    /// <summary>How many points the shards hold together.</summary>
    public async Task<long> CountAsync(CancellationToken cancellationToken)
    {
        var counts = await Task.WhenAll(Enumerable.Range(0, _heard.ShardCount).Select(shard => CountAsync(shard, cancellationToken)));
        return counts.Sum();
    }

    async Task<long> CountAsync(int shard, CancellationToken cancellationToken)
    {
        try
        {
            var client = Bus.CreateRequestClient<DescribeShard>(ShardAddress.Search(shard), CountTimeout);
            return (await client.GetResponse<ShardDescribed>(new DescribeShard { Shard = shard }, cancellationToken)).Message.Points;
        }
        catch (Exception e) when (e is RequestTimeoutException or RequestFaultException)
        {
            throw new CommandFailure($"Shard {shard} was heard of but does not answer. Is its worker still running? {e.Message}", e);
        }
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(5));
        await _host.StopAsync(soon.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _host.Dispose();
    }

    /// <summary>The settings are those of the workers; only the transport is fixed, since a load comes from outside.</summary>
    static IHost BuildHost()
    {
        var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
        builder.Configuration.AddInMemoryCollection([new($"{VectorDbOptions.Section}:{nameof(VectorDbOptions.Transport)}", "RabbitMq")]);
        builder.Logging.ClearProviders();
        builder.AddServiceDefaults();
        builder.AddVectorDbBus(_ => { });
        builder.Services.Configure<MassTransitHostOptions>(host => host.StartTimeout = ConnectWithin);
        // Signals are the command's, so that it can finish what it has under way.
        builder.Services.AddSingleton<IHostLifetime, EndsWithTheCommand>();
        return builder.Build();
    }

    async Task StartAsync(CancellationToken cancellationToken)
    {
        var address = _host.Services.GetRequiredService<IOptions<RabbitMqTransportOptions>>().Value;
        await ProbeAsync(address, cancellationToken);
        try
        {
            await _host.StartAsync(cancellationToken).WaitAsync(ConnectWithin, cancellationToken);
            await ListenAsync(cancellationToken);
        }
        catch (Exception e) when (e is not (OperationCanceledException or CommandFailure) || !cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailure($"The broker at {address.Host}:{address.Port} does not let this program in: "
                + $"{e.GetBaseException().Message} Check RabbitMqTransport__User, __Pass and __VHost ('{address.VHost}').", e);
        }
        await _heard.WaitAsync(cancellationToken);
        Survey = new(Bus, Fates, _heard.ShardCount);
    }

    /// <summary>The bus would try for a long time and say little; a connection of our own tells at once that nobody listens.</summary>
    static async Task ProbeAsync(RabbitMqTransportOptions address, CancellationToken cancellationToken)
    {
        using var within = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        within.CancelAfter(ConnectWithin);
        try
        {
            using var client = new TcpClient();
            await client.ConnectAsync(address.Host, address.Port, within.Token);
        }
        catch (Exception e) when (!cancellationToken.IsCancellationRequested)
        {
            throw new CommandFailure($"No broker answers at {address.Host}:{address.Port}. Start RabbitMQ there, or name another with "
                + "RabbitMqTransport__Host. (Without a broker, 'vectordb load' stores over HTTP.)", e);
        }
    }

    async Task ListenAsync(CancellationToken cancellationToken)
    {
        var connector = _host.Services.GetRequiredService<IReceiveEndpointConnector>();
        var instance = NewId.Next().ToString("N");
        var replies = connector.ConnectReceiveEndpoint($"vectordb.load-{instance}.replies", (_, endpoint) =>
        {
            EndpointPolicy.ForReplies(endpoint);
            Handle<PointsStored>(endpoint, Fates.Take);
            Handle<PointsRejected>(endpoint, Fates.Take);
        });
        var events = connector.ConnectReceiveEndpoint($"vectordb.load-{instance}.events", (_, endpoint) =>
        {
            EndpointPolicy.ForEvents(endpoint);
            Handle<RouterAnnounced>(endpoint, _heard.Note);
            Handle<ShardAnnounced>(endpoint, _heard.Note);
        });
        await events.Ready.WaitAsync(cancellationToken);
        ReplyTo = (await replies.Ready.WaitAsync(cancellationToken)).InputAddress;
    }

    static void Handle<T>(IReceiveEndpointConfigurator endpoint, Action<T> handle)
        where T : class => endpoint.Handler<T>(context =>
        {
            handle(context.Message);
            return Task.CompletedTask;
        });

    sealed class EndsWithTheCommand : IHostLifetime
    {
        public Task WaitForStartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}
