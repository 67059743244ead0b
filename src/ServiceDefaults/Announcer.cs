using Microsoft.Extensions.Hosting;

namespace VectorDb.ServiceDefaults;

/// <summary>Says every few seconds that something is up. What cannot be said now is said the next time.</summary>
public abstract class Announcer(BusLink link, TimeProvider clock) : BackgroundService
{
    /// <summary>A fifth of the time after which others call something missing.</summary>
    static readonly TimeSpan Every = TimeSpan.FromSeconds(3);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await link.Started.WaitAsync(stoppingToken);
        if (!await IsReadyAsync(stoppingToken))
            return;
        using var timer = new PeriodicTimer(Every, clock);
        do
            await SayAsync(stoppingToken);
        while (await timer.WaitForNextTickAsync(stoppingToken));
    }

    /// <summary>Completes with true when there is something to announce, with false when there never will be.</summary>
    protected virtual Task<bool> IsReadyAsync(CancellationToken stoppingToken) => Task.FromResult(true);

    protected abstract IEnumerable<object> Announcements();

    async Task SayAsync(CancellationToken stoppingToken)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
        patience.CancelAfter(Every);
        try
        {
            foreach (var announcement in Announcements())
                await link.PublishAsync(announcement, patience.Token);
        }
        catch (Exception e) when (e is OperationCanceledException || DeliveryProblems.Explain(e) is not null)
        {
            // The broker is away or has just gone, which BrokerWatch reports. Thrown further this would end the process.
        }
    }
}
