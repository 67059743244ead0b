using System.IO.Hashing;
using System.Threading.Channels;
using VectorDb.Contracts;

namespace VectorDb.IngestWorker.Loading;

/// <summary>How a load sends its rows.</summary>
public sealed record LoadOptions
{
    /// <summary>
    /// Points a request. 64 is what the embedder takes at once; a larger request only waits longer for its answer.
    /// </summary>
    public int BatchSize { get; init; } = 64;

    /// <summary>Requests at a time: enough to keep the embedder busy while answers travel.</summary>
    public int InFlight { get; init; } = 8;

    /// <summary>Ids remembered to count repeated ones: about 24 bytes each, so 240 MB when a file has so many.</summary>
    public int IdsRemembered { get; init; } = 10_000_000;

    /// <summary>Rows with these ids are left out.</summary>
    public IReadOnlySet<PointId> SkippedIds { get; init; } = new HashSet<PointId>();
}

/// <summary>Sends rows on in batches, several at a time, and counts what became of each of them.</summary>
public sealed class BulkLoader(IBatchSender sender, LoadProgress progress, LoadOptions options)
{
    /// <summary>Escapes may lengthen a text, so that a quarter of what a request may have is safe.</summary>
    const long BatchBytesMax = Limits.BodyBytesMax / 4;

    /// <summary>How long a batch waits for a slow pipe to fill it.</summary>
    static readonly TimeSpan FlushAfter = TimeSpan.FromMilliseconds(200);

    /// <summary>
    /// What the batches under way get to finish after the user stopped the load, so that its counts are true.
    /// </summary>
    static readonly TimeSpan FinishWithin = TimeSpan.FromSeconds(10);

    readonly HashSet<ulong> _seenIds = [];
    readonly HashSet<PointId> _batchIds = [];
    List<LoadedRow> _batch = [];
    int _batchBytes;

    /// <summary>
    /// Returns when all rows are stored, rejected or skipped. When stopped, it finishes what is under way first.
    /// </summary>
    /// <exception cref="OperationCanceledException">Stopped before the end; the counts say how far it came.</exception>
    /// <exception cref="CommandFailure">The server stays away, fails, or refuses everything.</exception>
    public async Task RunAsync(IEnumerable<LoadedRow> rows, CancellationToken stop)
    {
        using var abort = new CancellationTokenSource();
        using var stopping = stop.Register(() => abort.CancelAfter(FinishWithin));
        using var reading = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var channel = Channel.CreateBounded<LoadedRow>(options.BatchSize * 2);
        // On its own thread, because a pipe may block it; nothing waits for it when the load stops.
        _ = Task.Run(() => ReadAsync(rows, channel.Writer, reading.Token), CancellationToken.None);
        var inFlight = new InFlightBatches(options.InFlight);
        try
        {
            await SendAllAsync(
                channel.Reader, batch => inFlight.AddAsync(batch, rows => sender.SendAsync(rows, abort.Token)), stop);
        }
        finally
        {
            await reading.CancelAsync();
            await inFlight.WaitAsync();
        }
    }

    static async Task ReadAsync(IEnumerable<LoadedRow> rows, ChannelWriter<LoadedRow> writer, CancellationToken stop)
    {
        try
        {
            foreach (var row in rows)
                await writer.WriteAsync(row, stop);
            writer.Complete();
        }
        catch (Exception failed)
        {
            writer.Complete(failed);
        }
    }

    async Task SendAllAsync(ChannelReader<LoadedRow> rows, Func<IReadOnlyList<LoadedRow>, Task> send, CancellationToken stop)
    {
        while (await HasRowsAsync(rows, send, stop))
        {
            while (rows.TryRead(out var row))
            {
                if (row.Point is null)
                    progress.AddRejected(row, row.Problem!);
                else if (options.SkippedIds.Contains(row.Point.Id))
                    progress.AddSkipped(row);
                else
                    await AddAsync(row, send);
            }
        }

        await FlushAsync(send);
    }

    /// <summary>Waits for rows; a batch that waits longer than a moment is sent as it is.</summary>
    async Task<bool> HasRowsAsync(
        ChannelReader<LoadedRow> rows, Func<IReadOnlyList<LoadedRow>, Task> send, CancellationToken stop)
    {
        var waiting = rows.WaitToReadAsync(stop).AsTask();
        if (_batch.Count > 0 && !waiting.IsCompleted)
        {
            await Task.WhenAny(waiting, Task.Delay(FlushAfter, stop));
            if (!waiting.IsCompleted)
                await FlushAsync(send);
        }

        return await waiting;
    }

    async Task AddAsync(LoadedRow row, Func<IReadOnlyList<LoadedRow>, Task> send)
    {
        var point = row.Point!;
        var bytes = RequestBytes.Of(point);
        if (_batch.Count == options.BatchSize || _batchBytes + bytes > BatchBytesMax || _batchIds.Contains(point.Id))
            await FlushAsync(send);
        _batch.Add(row);
        _batchIds.Add(point.Id);
        _batchBytes += bytes;
        if (_seenIds.Count < options.IdsRemembered && !_seenIds.Add(XxHash3.HashToUInt64(point.Id.ToKey())))
            progress.AddRepeated();
    }

    async Task FlushAsync(Func<IReadOnlyList<LoadedRow>, Task> send)
    {
        if (_batch.Count == 0)
            return;
        var batch = _batch;
        _batch = [];
        _batchIds.Clear();
        _batchBytes = 0;
        await send(batch);
    }
}
