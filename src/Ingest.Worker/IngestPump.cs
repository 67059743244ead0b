using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>
/// Carries batches of operations through: plan, claim at the homes, send the rows. Operations that arrive while a batch is under
/// way form the next one, so texts are embedded together and a batch costs one claim a home and one upsert a target. A message
/// is acknowledged when its rows are sent: a crash before that repeats it, and the homes remember the claims. Thread-safe.
/// </summary>
public sealed class IngestPump : IAsyncDisposable
{
    /// <summary>Points taken together: four messages' worth, so that sorting texts by length has something to sort.</summary>
    const int BatchPoints = 4 * Limits.BatchRowsMax;

    /// <summary>Two, so that one embeds while the other waits for claims.</summary>
    const int BatchesAtOnce = 2;

    static readonly RequestTimeout ClaimTimeout = RequestTimeout.After(s: 20);

    readonly IBus _bus;
    readonly Ingestor _ingestor;
    readonly PlacementView _placement;
    readonly Coalescer<Waiting> _incoming;

    sealed record Waiting(StoreVector Operation, TaskCompletionSource Sent);

    public IngestPump(IBus bus, Ingestor ingestor, PlacementView placement, ILogger<IngestPump> logger)
    {
        (_bus, _ingestor, _placement) = (bus, ingestor, placement);
        _incoming = new(
            new(BatchPoints, BatchesAtOnce, Waiting: 1_024), CarryAsync, logger, waiting => waiting.Operation.Points.Count);
    }

    /// <summary>Completes when the operation's rows are sent to their shards; throws when they could not be.</summary>
    public async Task StoreAsync(StoreVector operation, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(operation, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await _incoming.AddAsync(waiting, cancellationToken);
        await waiting.Sent.Task.WaitAsync(cancellationToken);
    }

    public ValueTask DisposeAsync() => _incoming.DisposeAsync();

    async Task CarryAsync(IReadOnlyList<Waiting> batch, CancellationToken cancellationToken)
    {
        try
        {
            var revision = batch.Max(waiting => waiting.Operation.Revision);
            var router = await _placement.RouterAsync(revision, cancellationToken)
                ?? throw new InvalidOperationException("There is no collection: its definition comes before its first point.");
            var plan = _ingestor.Plan([.. batch.Select(waiting => waiting.Operation)], router, cancellationToken);
            var grants = await Task.WhenAll(plan.Claims.Select(claim => ClaimAsync(claim, cancellationToken)));
            await Task.WhenAll(plan.Upserts(grants).Select(rows => SendAsync(ShardAddress.Write(rows.Shard), rows, cancellationToken)));
            await Task.WhenAll(plan.Refusals.Select(
                refusals => SendAsync(ShardAddress.Directory(refusals.Shard), refusals, cancellationToken)));
            await Task.WhenAll(plan.Rejections.Select(item => SendAsync(item.ReplyTo, item.Message, cancellationToken)));
            foreach (var waiting in batch)
                waiting.Sent.TrySetResult();
        }
        catch (Exception e) when (batch.Count > 1 && e is RequestFaultException or UndeliveredException)
        {
            // A home refused something, or a shard is away: each operation by itself, so that one that cannot be carried does
            // not take others along.
            foreach (var waiting in batch)
                await CarryAsync([waiting], cancellationToken);
        }
        catch (Exception e)
        {
            foreach (var waiting in batch)
                waiting.Sent.TrySetException(e);
        }
    }

    async Task<IdsClaimed> ClaimAsync(ClaimIds claim, CancellationToken cancellationToken)
    {
        var client = _bus.CreateRequestClient<ClaimIds>(ShardAddress.Directory(claim.Shard), ClaimTimeout);
        return (await client.GetResponse<IdsClaimed>(claim, cancellationToken)).Message;
    }

    async Task SendAsync<T>(Uri address, T message, CancellationToken cancellationToken)
        where T : class
    {
        var endpoint = await _bus.GetSendEndpoint(address);
        await endpoint.Send(message, cancellationToken);
    }
}
