using VectorDb.ServiceDefaults;

namespace VectorDb.ShardWorker.Migration;

/// <summary>
/// When this process began. In one process messages die with it, so a claim of an earlier run whose row has not come never gets
/// it; over RabbitMQ messages outlive processes, up to the age at which queues drop them.
/// </summary>
public sealed class ProcessStart(TimeProvider clock)
{
    /// <summary>Older than any message: queues keep them for less (`QueueSettings`), homes remember claims as long.</summary>
    static readonly TimeSpan MessageAgeMax = TimeSpan.FromDays(7);

    readonly long _startMs = clock.GetUtcNow().ToUnixTimeMilliseconds();

    public long SettledBeforeMs(VectorDbOptions options) => options.Transport == TransportKind.InMemory
        ? _startMs
        : (clock.GetUtcNow() - MessageAgeMax).ToUnixTimeMilliseconds();
}
