using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;

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
        return builder;
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
