using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>Sends stores and deletes on their way and waits for their fate. Thread-safe.</summary>
public sealed class WriteCoordinator(
    IBus bus, PendingWrites pending, ReplyAddress replies, ClusterView view, VectorDbOptions options)
{
    /// <summary>Without progress for so long, the caller is told to try again, which is safe: the same id is stored once.</summary>
    static readonly TimeSpan WaitMax = TimeSpan.FromSeconds(60);

    /// <summary>Points that nobody waits for count as under way until they are done, at most so long.</summary>
    static readonly TimeSpan FollowMax = TimeSpan.FromHours(1);

    /// <summary>Points under way at most: with 384 dimensions about 200 MB of messages.</summary>
    const long PointsPendingMax = 50_000;

    /// <summary>In one process messages live in memory only; a broker keeps them.</summary>
    public bool IsDurableOnSend => options.Transport == TransportKind.RabbitMq;

    /// <summary>Stores points that were checked before. Returns their fates in order once all are on disk and searchable.</summary>
    /// <exception cref="ProblemException">Refused, too many under way, or not done in time.</exception>
    public async Task<IReadOnlyList<PointFate>> StoreAsync(
        IReadOnlyList<StorePoint> points, CancellationToken cancellationToken)
    {
        RequireHomes(points.Select(point => point.Id));
        var (operationId, write) = Begin(points.Count);
        try
        {
            await SendAsync(operationId, points, cancellationToken);
            var fates = await WaitAsync(operationId, write, cancellationToken);
            return fates.Any(fate => fate.Reason is not null) ? throw Refusal(fates) : fates;
        }
        finally
        {
            pending.Remove(operationId);
        }
    }

    /// <summary>Sends points on their way and returns at once; their fate is followed only to bound what is under way.</summary>
    public async Task<Guid> StoreLaterAsync(IReadOnlyList<StorePoint> points, CancellationToken cancellationToken)
    {
        var (operationId, write) = Begin(points.Count);
        try
        {
            await SendAsync(operationId, points, cancellationToken);
        }
        catch
        {
            pending.Remove(operationId);
            throw;
        }
        _ = ForgetWhenDoneAsync(operationId, write);
        return operationId;
    }

    /// <summary>Deletes a point. Returns its fate once every shard that held it has let it go.</summary>
    public async Task<PointFate> DeleteAsync(byte[] id, CancellationToken cancellationToken)
    {
        RequireHomes([id]);
        var (operationId, write) = Begin(1);
        try
        {
            var home = Home.Of(id, view.ShardCount);
            var endpoint = await bus.GetSendEndpoint(ShardAddress.Directory(home));
            var message = new DeletePoints
            {
                Shard = home,
                ShardCount = view.ShardCount,
                OperationId = operationId,
                ReplyTo = replies.Value,
                Points = [new() { Ordinal = 0, Id = id }],
            };
            await Delivery.InTimeAsync(patience => endpoint.Send(message, patience), cancellationToken);
            return (await WaitAsync(operationId, write, cancellationToken))[0];
        }
        finally
        {
            pending.Remove(operationId);
        }
    }

    /// <summary>Who waits would wait in vain for a shard that is down; who does not is served by its queue.</summary>
    void RequireHomes(IEnumerable<byte[]> ids)
    {
        if (IsDurableOnSend)
            foreach (var home in ids.Select(id => Home.Of(id, view.ShardCount)).Distinct())
                if (!view.IsPresent(home))
                    throw ProblemException.Unavailable($"Shard {home}, which must give this a version, does not answer. See GET / for "
                        + "its health; try again, or store with \"wait\": false.");
    }

    (Guid OperationId, PendingWrite Write) Begin(int pointCount)
    {
        if (pending.Points > 0 && pending.Points + pointCount > PointsPendingMax)
            throw ProblemException.Busy($"{pending.Points} points are being stored already; try again in a moment.");
        var operationId = OperationId.New(pointCount, TimeProvider.System.GetUtcNow());
        return (operationId, pending.Add(operationId, pointCount));
    }

    async Task SendAsync(Guid operationId, IReadOnlyList<StorePoint> points, CancellationToken cancellationToken)
    {
        var endpoint = await bus.GetSendEndpoint(ShardAddress.Ingest);
        await Delivery.InTimeAsync(patience => Task.WhenAll(PointBatches.Cut(points).Select(batch => endpoint.Send(
            new StoreVector
            {
                OperationId = operationId,
                Revision = view.Collection?.Revision ?? 0,
                ReplyTo = replies.Value,
                Points = batch,
            },
            patience))), cancellationToken);
    }

    async Task ForgetWhenDoneAsync(Guid operationId, PendingWrite write)
    {
        await ((Task)write.Done).WaitAsync(FollowMax).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        pending.Remove(operationId);
    }

    static async Task<IReadOnlyList<PointFate>> WaitAsync(
        Guid operationId, PendingWrite write, CancellationToken cancellationToken)
    {
        while (true)
        {
            var open = write.Open;
            try
            {
                return await write.Done.WaitAsync(WaitMax, cancellationToken);
            }
            catch (TimeoutException) when (write.Open < open)
            {
                // A request of many texts may take minutes to embed; it is answered as long as it moves.
            }
            catch (TimeoutException)
            {
                throw ProblemException.Unavailable(
                    $"Nothing was confirmed for {WaitMax.TotalSeconds:0} s; it may still happen: "
                    + $"GET /operations/{operationId} tells. Sending it again is safe: an id is stored once.");
            }
        }
    }

    static ProblemException Refusal(IReadOnlyList<PointFate> fates)
    {
        var refused = fates.Index().Where(pair => pair.Item.Reason is not null).ToList();
        var (index, first) = refused[0];
        return ProblemException.OutOfRange($"points[{index}] {first.Reason}." + (refused.Count > 1
            ? $" So do {refused.Count - 1} more; the other {fates.Count - refused.Count} points were stored."
            : fates.Count > 1 ? $" The other {fates.Count - 1} points were stored." : ""));
    }
}
