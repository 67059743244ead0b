using VectorDb.Contracts;
using VectorDb.IngestWorker.Loading;

namespace VectorDb.IngestWorker.Publishing;

/// <summary>
/// Publishes one batch as an operation and waits for its fate. Waits while the broker is away or takes nothing more; what may have
/// been published is published again, which stores it once, because the homes know the operation. Thread-safe.
/// </summary>
public sealed class BatchPublisher(LoadCluster cluster, LoadCollection collection, LoadProgress progress, TimeSpan patience)
    : IBatchSender
{
    /// <summary>Fates normally come within the time that the router takes for what is before them.</summary>
    static readonly TimeSpan AskAfter = TimeSpan.FromSeconds(10);

    /// <summary>A confirm that has not come by then was for a connection that is gone, or for a queue that takes nothing.</summary>
    static readonly TimeSpan ConfirmWithin = TimeSpan.FromSeconds(20);

    static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    /// <summary>So many refusals before anything was stored mean that the input as a whole is wrong.</summary>
    const int RefusalsMax = 100;

    int _isRefused;

    /// <exception cref="CommandFailure">Every row is refused, or nothing has moved for as long as the user allows.</exception>
    public async Task SendAsync(IReadOnlyList<LoadedRow> rows, CancellationToken cancellationToken)
    {
        var state = await collection.GetOrDefineAsync([.. rows.Select(row => row.Point!)], cancellationToken);
        var good = rows.Where(row => IsGood(row, state.Shape)).ToList();
        if (good.Count == 0)
            return;
        var batch = cluster.Fates.Begin(good);
        await PublishAsync(batch, state.Revision, cancellationToken);
        await WaitAsync(batch, cancellationToken);
    }

    bool IsGood(LoadedRow row, CollectionShape shape)
    {
        if (collection.Problem(row.Point!, shape) is not { } problem)
            return true;
        progress.AddRejected(row, $"it {problem}");
        return progress.Stored > 0 || progress.Rejected < RefusalsMax
            ? false
            : throw new CommandFailure($"Every row is refused. The last one {problem}.");
    }

    async Task PublishAsync(PublishedBatch batch, long revision, CancellationToken cancellationToken)
    {
        var messages = MessagesOf(batch, revision);
        while (true)
            try
            {
                var ingest = await cluster.Bus.GetSendEndpoint(ShardAddress.Ingest);
                await Task.WhenAll(messages.Select(message => ingest.Send(message, cancellationToken)))
                    .WaitAsync(ConfirmWithin, cancellationToken);
                NoteConfirm();
                return;
            }
            catch (Exception refused) when (refused is not OperationCanceledException || !cancellationToken.IsCancellationRequested)
            {
                NoteRefusal(refused);
                if (cluster.Fates.Quiet > patience)
                    throw new CommandFailure(
                        $"The broker has confirmed nothing for {patience.TotalSeconds:0} s: {refused.GetBaseException().Message}", refused);
                await Task.Delay(Pause, cancellationToken);
            }
    }

    async Task WaitAsync(PublishedBatch batch, CancellationToken cancellationToken)
    {
        while (true)
            try
            {
                await batch.Done.WaitAsync(AskAfter, cancellationToken);
                return;
            }
            catch (TimeoutException)
            {
                await cluster.Survey.AskAsync([batch], cancellationToken);
                if (!batch.Done.IsCompleted && cluster.Fates.Quiet > patience)
                    throw new CommandFailure($"Nothing has been stored for {patience.TotalSeconds:0} s. Are the routing and shard workers "
                        + "running, and is vectordb.ingest being read? (--timeout waits longer)");
            }
    }

    List<StoreVector> MessagesOf(PublishedBatch batch, long revision) => [.. PointBatches
        .Cut([.. batch.Rows.Select((row, ordinal) => PointOf(row.Point!, ordinal))])
        .Select(points => new StoreVector
        {
            OperationId = batch.Id,
            Revision = revision,
            ReplyTo = cluster.ReplyTo,
            Points = points,
        })];

    static StorePoint PointOf(PointInput point, int ordinal) => new()
    {
        Ordinal = ordinal,
        Id = point.Id.ToKey(),
        Vector = point.Vector is null ? null : VectorBytes.From(point.Vector),
        Text = point.Text,
        Payload = point.PayloadJson(),
    };

    void NoteRefusal(Exception refused)
    {
        if (Interlocked.Exchange(ref _isRefused, 1) == 0)
            progress.Note($"the broker does not take rows now ({refused.GetBaseException().Message}); trying again");
    }

    void NoteConfirm()
    {
        if (Interlocked.Exchange(ref _isRefused, 0) == 1)
            progress.Note("the broker takes rows again");
    }
}
