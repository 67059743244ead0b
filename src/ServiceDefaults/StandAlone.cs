using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.ServiceDefaults.RabbitMq;

namespace VectorDb.ServiceDefaults;

/// <summary>Defaults of a role that runs as a process of its own; whatever is set by environment or command line wins.</summary>
public static class StandAlone
{
    /// <summary>Settings that name an address to listen on, in the forms that ASP.NET Core knows.</summary>
    static readonly string[] AddressSettings = [WebHostDefaults.ServerUrlsKey, WebHostDefaults.HttpPortsKey, WebHostDefaults.HttpsPortsKey];

    /// <summary>
    /// A builder for a role alone: it speaks over RabbitMQ (in memory nobody would hear it) and logs one line an event.
    /// </summary>
    public static WebApplicationBuilder CreateBuilder(string[] args)
    {
        var builder = WebApplication.CreateBuilder(args);
        const string transport = $"{VectorDbOptions.Section}:{nameof(VectorDbOptions.Transport)}";
        if (string.IsNullOrEmpty(builder.Configuration[transport]))
            builder.Configuration.AddInMemoryCollection([new(transport, nameof(TransportKind.RabbitMq))]);
        builder.Logging.AddOneLine();
        // Not where a process has a user in front of it: a load bounds its waiting itself and reports what is missing.
        builder.Services.AddHostedService<ClientWatch>();
        return builder;
    }

    /// <summary>
    /// Runs until asked to stop (Ctrl+C, SIGTERM), and ends in the ten seconds that docs/operations.md promises, whatever does not close:
    /// the broker client now and then waits without end for a connection that broke (docs/decisions/0042). Then it is as after a
    /// `kill -9`, of which nothing acknowledged is lost.
    /// </summary>
    public static async Task RunInTimeAsync(this WebApplication app, TimeSpan? stopWithin = null)
    {
        var patience = stopWithin ?? BusExtensions.ProcessStopTimeout;
        var stopping = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var noted = app.Lifetime.ApplicationStopping.Register(stopping.SetResult);
        var running = app.RunAsync();
        await Task.WhenAny(running, stopping.Task);
        await Task.WhenAny(running, Task.Delay(patience));
        if (running.IsCompleted)
            await running;
        else
            await Console.Error.WriteLineAsync(
                $"Not everything could be closed within {patience.TotalSeconds:0} s: ending as it is. "
                + "What was not acknowledged is delivered again.");
    }

    /// <summary>Listens on a port of this machine alone, unless an address was set (ASPNETCORE_URLS, `--urls`).</summary>
    public static void ListenByDefault(this WebApplicationBuilder builder, int port)
    {
        if (AddressSettings.All(name => string.IsNullOrEmpty(builder.Configuration[name])))
            builder.WebHost.UseUrls($"http://localhost:{port}");
    }

    /// <summary>Listens on these addresses, and on those that were set.</summary>
    public static void ListenAlso(this WebApplicationBuilder builder, IEnumerable<string> addresses)
    {
        var set = builder.Configuration[WebHostDefaults.ServerUrlsKey] ?? "";
        var separator = StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries;
        builder.WebHost.UseUrls([.. addresses, .. set.Split(';', separator)]);
    }
}
