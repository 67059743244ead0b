using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;

namespace VectorDb.ShardWorker;

/// <summary>Where shards answer for themselves over HTTP: under this process's address, or on ports of their own.</summary>
public sealed class ShardUrls(IServer server, ShardPorts ports)
{
    /// <summary>Null until the process listens.</summary>
    public string? Of(int shard)
    {
        if (ports.First is { } first)
            return $"http://{ports.Host}:{first + shard}/";
        var address = server.Features.Get<IServerAddressesFeature>()?.Addresses.FirstOrDefault();
        return address is null
            ? null
            : $"{address.Replace("[::]", "localhost").Replace("0.0.0.0", "localhost").TrimEnd('/')}/shards/{shard}/";
    }
}

/// <summary>Where each shard has a port of its own (a stand-alone worker).</summary>
/// <param name="First">The port of shard 0; null where all share the server's.</param>
/// <param name="Host">The name under which others reach this machine.</param>
public sealed record ShardPorts(int? First, string Host = "localhost");
