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
        using var met = new ManualResetEventSlim();
        var inside = 0;

        await Task.WhenAll(Enumerable.Range(0, 4).Select(queue => Task.Run(() => link.Connect($"queue-{queue}", (_, _) =>
        {
            if (Interlocked.Increment(ref inside) > 1)
                met.Set();
            met.Wait(TimeSpan.FromMilliseconds(50));
            Interlocked.Decrement(ref inside);
        }))));

        Assert.False(met.IsSet);
    }
}
