using System.Diagnostics;
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
    /// <summary>Points taken together: eight messages' worth, so that with few shards every message to them is a full one.</summary>
    const int BatchPoints = 8 * Limits.BatchRowsMax;

    /// <summary>Batches mostly wait, for claims and for the broker, behind the commits of others: four keep the shards busy.</summary>
    const int BatchesAtOnce = 4;

    /// <summary>Two, because embedding takes all cores by itself: one embeds while the other begins or ends.</summary>
    const int PlansAtOnce = 2;

    /// <summary>Higher than any revision.</summary>
    const long AskKeeper = long.MaxValue;

    /// <summary>Copying a home's directory takes seconds; then the message is tried again as after any failure.</summary>
    static readonly TimeSpan DeferredMax = TimeSpan.FromMinutes(10);

    static readonly TimeSpan DeferredPause = TimeSpan.FromMilliseconds(50);

    static readonly RequestTimeout ClaimTimeout = RequestTimeout.After(s: 20);

    readonly IBus _bus;
    readonly Ingestor _ingestor;
    readonly PlacementView _placement;
    readonly Coalescer<Waiting> _incoming;
    readonly SemaphoreSlim _planning = new(PlansAtOnce);

    sealed record Waiting(StoreVector Operation, TaskCompletionSource Sent);

    public IngestPump(IBus bus, Ingestor ingestor, PlacementView placement, ILogger<IngestPump> logger)
    {
        (_bus, _ingestor, _placement) = (bus, ingestor, placement);
        _incoming = new(
            new(BatchPoints, BatchesAtOnce, Waiting: 1_024, "store points"), CarryAsync, logger, waiting => waiting.Operation.Points.Count);
    }

    /// <summary>Completes when the operation's rows are sent to their shards; throws when they could not be.</summary>
    public async Task StoreAsync(StoreVector operation, CancellationToken cancellationToken)
    {
        var waiting = new Waiting(operation, new(TaskCreationOptions.RunContinuationsAsynchronously));
        await _incoming.AddAsync(waiting, cancellationToken);
        await waiting.Sent.Task.WaitAsync(cancellationToken);
    }

    public async ValueTask DisposeAsync()
    {
        await _incoming.DisposeAsync();
        _planning.Dispose();
    }

    async Task CarryAsync(IReadOnlyList<Waiting> batch, CancellationToken cancellationToken)
    {
        try
        {
            var (plan, grants) = await ClaimAllAsync([.. batch.Select(waiting => waiting.Operation)], cancellationToken);
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

    /// <summary>
    /// While homes move, some decide for nobody: then the batch is planned anew by what the keeper says. Homes that had granted their
    /// claims grant the same again.
    /// </summary>
    async Task<(IngestPlan Plan, IdsClaimed[] Grants)> ClaimAllAsync(
        IReadOnlyList<StoreVector> operations, CancellationToken cancellationToken)
    {
        var revision = operations.Max(operation => operation.Revision);
        var start = Stopwatch.GetTimestamp();
        while (true)
        {
            var router = await _placement.RouterAsync(revision, cancellationToken)
                ?? throw new InvalidOperationException("There is no collection: its definition comes before its first point.");
            var plan = await PlanAsync(operations, router, cancellationToken);
            var grants = await ClaimAsync(plan.Claims, cancellationToken);
            if (grants.All(grant => grant is not null))
                return (plan, [.. grants.Select(grant => grant!)]);
            if (Stopwatch.GetElapsedTime(start) > DeferredMax)
                throw new TimeoutException("Homes have been moving for too long: see GET /shards.");
            await Task.Delay(DeferredPause, cancellationToken);
            revision = AskKeeper;
        }
    }

    async Task<IngestPlan> PlanAsync(IReadOnlyList<StoreVector> operations, ShardRouter router, CancellationToken cancellationToken)
    {
        await _planning.WaitAsync(cancellationToken);
        try
        {
            return _ingestor.Plan(operations, router, cancellationToken);
        }
        finally
        {
            _planning.Release();
        }
    }

    /// <summary>In the order of the claims; null where the home put them off.</summary>
    async Task<IdsClaimed?[]> ClaimAsync(IReadOnlyList<ClaimIds> claims, CancellationToken cancellationToken)
    {
        using var span = Telemetry.Activities.StartActivity("claim ids")?.SetTag("vectordb.homes", claims.Count);
        return await Task.WhenAll(claims.Select(claim => ClaimAsync(claim, cancellationToken)));
    }

    async Task<IdsClaimed?> ClaimAsync(ClaimIds claim, CancellationToken cancellationToken)
    {
        var client = _bus.CreateRequestClient<ClaimIds>(ShardAddress.Directory(claim.Shard), ClaimTimeout);
        var answer = await client.GetResponse<IdsClaimed, ClaimsDeferred>(claim, cancellationToken);
        return answer.Is(out Response<IdsClaimed>? claimed) ? claimed.Message : null;
    }

    async Task SendAsync<T>(Uri address, T message, CancellationToken cancellationToken)
        where T : class
    {
        var endpoint = await _bus.GetSendEndpoint(address);
        await endpoint.Send(message, cancellationToken);
    }
}
