using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>Reads the collection's state once at start, as soon as the keeper answers; after that it is told of changes.</summary>
public sealed class KeeperWatch(CollectionKeeper keeper, ClusterView view, ILogger<KeeperWatch> logger) : BackgroundService
{
    static readonly TimeSpan RetryAfter = TimeSpan.FromMilliseconds(100);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!view.HasAskedKeeper)
        {
            if (view.IsPresent(Contracts.ShardAddress.KeeperShard))
                try
                {
                    await keeper.RefreshAsync(stoppingToken);
                }
                catch (Exception e) when (e is MassTransit.RequestException || DeliveryProblems.Explain(e) is not null)
                {
                    logger.LogWarning("The keeper shard does not answer yet: {Reason}", e.Message);
                }
            await Task.Delay(RetryAfter, stoppingToken);
        }
    }
}
