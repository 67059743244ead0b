using Microsoft.Extensions.DependencyInjection;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

public sealed class BusLinkTests
{
    /// <summary>
    /// MassTransit's registrations are no concurrent collections: replicas of several shards that connected at once corrupted them, and
    /// none of them could connect any more.
    /// </summary>
    [Fact]
    public async Task Queues_AreConnectedOneAtATime()
    {
        using var folder = new TempFolder();
        await using var host = await RoleHost.StartAsync(folder.Path, Roles.None);
        var link = host.Services.GetRequiredService<BusLink>();
        var (now, most) = (0, 0);

        await Task.WhenAll(Enumerable.Range(0, 4).Select(queue => Task.Run(() => link.Connect($"queue-{queue}", (_, _) =>
        {
            most = Math.Max(most, Interlocked.Increment(ref now));
            Thread.Sleep(50);
            Interlocked.Decrement(ref now);
        }))));

        Assert.Equal(1, most);
    }
}
