using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using VectorDb.IngestWorker.Loading;
using VectorDb.Server.Client;
using VectorDb.ServiceDefaults;

namespace VectorDb.Server.Commands;

/// <summary>The server in this process, from ready to stopped.</summary>
public sealed class RunningServer : IAsyncDisposable
{
    static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(20);

    readonly WebApplication _app;

    RunningServer(WebApplication app, VectorDbClient client, ServerStatus status) =>
        (_app, Client, Status) = (app, client, status);

    /// <summary>Speaks to the server as any other program would, over HTTP.</summary>
    public VectorDbClient Client { get; }

    /// <summary>The server when it had become ready.</summary>
    public ServerStatus Status { get; }

    public string Address => Client.Address;

    /// <summary>Returns when model, bus and shards are ready.</summary>
    /// <exception cref="CommandFailure">The port or the data folder is taken, the model is missing, and so
    /// on.</exception>
    public static async Task<RunningServer> StartAsync(ServeOptions options, CancellationToken stop)
    {
        WebApplication? app = null;
        VectorDbClient? client = null;
        try
        {
            app = ServerHost.Build(options);
            await app.StartAsync(stop);
            await WaitUntilReadyAsync(app, stop);
            client = new VectorDbClient(ToLocal(app.Urls.First()));
            return new RunningServer(app, client, await client.GetStatusAsync(stop));
        }
        catch (Exception failed)
        {
            var cause = app?.Services.GetRequiredService<Readiness>().Failure ?? failed;
            client?.Dispose();
            if (app is not null)
                await StopAsync(app);
            if (failed is OperationCanceledException && stop.IsCancellationRequested)
                throw;
            throw Explain(cause, options.Urls);
        }
    }

    /// <summary>Returns when the token is cancelled or the server stops by itself.</summary>
    public async Task WaitAsync(CancellationToken stop)
    {
        var stopped = new TaskCompletionSource();
        using var asked = stop.Register(stopped.SetResult);
        using var stopping = _app.Lifetime.ApplicationStopping.Register(() => stopped.TrySetResult());
        await stopped.Task;
    }

    public async ValueTask DisposeAsync()
    {
        Client.Dispose();
        await StopAsync(_app);
    }

    /// <summary>However long opening takes: a million rows need seconds, and Ctrl+C ends it.</summary>
    static async Task WaitUntilReadyAsync(WebApplication app, CancellationToken stop)
    {
        var readiness = app.Services.GetRequiredService<Readiness>();
        while (!readiness.IsReady)
        {
            if (readiness.Failure is { } failure)
                throw new CommandFailure($"The server could not start: {failure.Message}", failure);
            await Task.Delay(Pause, stop);
        }
    }

    /// <summary>Stops in order also what started only in part, so that nothing works on what is disposed.</summary>
    static async Task StopAsync(WebApplication app)
    {
        await app.StopAsync().ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await app.DisposeAsync();
    }

    /// <summary>
    /// An address that this machine can call: one that stands for all of its addresses becomes localhost.
    /// </summary>
    static string ToLocal(string url)
    {
        var address = BindingAddress.Parse(url);
        var host = address.Host is "*" or "+" or "0.0.0.0" or "[::]" ? "localhost" : address.Host;
        return $"{address.Scheme}://{host}:{address.Port}";
    }

    static CommandFailure Explain(Exception failed, string urls)
    {
        for (var cause = failed; cause is not null; cause = cause.InnerException)
        {
            if (cause is CommandFailure known)
                return known;
            if (cause is AddressInUseException)
                return new CommandFailure(
                    $"{urls} is in use: another program, perhaps another vectordb, listens there. "
                    + "Stop it, or choose another address, for example --urls http://localhost:9100", failed);
            if (cause is SocketException)
                return new CommandFailure(
                    $"{urls} cannot be listened on: {cause.Message}. Choose another address with --urls.", failed);
        }

        var told = failed is AggregateException several ? several.GetBaseException() : failed;
        return new CommandFailure($"The server could not start: {told.Message}", failed);
    }
}
