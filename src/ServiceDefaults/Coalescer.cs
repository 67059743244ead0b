using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// Hands items on in batches without waiting for a batch to fill: an idle one passes an item on at once, a busy one collects what
/// arrives while earlier batches are under way. Thread-safe. It does not know whether an item succeeded: items carry that.
/// Its batches are seen in traces and metrics under its name.
/// </summary>
public sealed class Coalescer<T> : IAsyncDisposable
{
    static readonly Histogram<int> BatchSize = Telemetry.Sizes(
        "vectordb.batch.size", "{item}", "Searches or points that travelled together.");

    readonly Channel<Entry> _items;
    readonly CoalescerLimits _limits;
    readonly Func<IReadOnlyList<T>, CancellationToken, Task> _handle;
    readonly Func<T, int> _weight;
    readonly ILogger _logger;
    readonly CancellationTokenSource _stop = new();
    readonly Lock _taking = new();
    readonly Task _pumps;

    /// <summary>An item, and the span of the request that handed it over.</summary>
    readonly record struct Entry(T Item, Activity? Request);

    /// <summary>`handle` gets 1 to `limits.BatchWeight` worth of items (always at least one) and must not throw for single items.</summary>
    public Coalescer(
        CoalescerLimits limits, Func<IReadOnlyList<T>, CancellationToken, Task> handle, ILogger logger, Func<T, int>? weight = null)
    {
        (_limits, _handle, _logger, _weight) = (limits, handle, logger, weight ?? (static _ => 1));
        _items = Channel.CreateBounded<Entry>(new BoundedChannelOptions(limits.Waiting) { SingleReader = limits.BatchesAtOnce == 1 });
        // Made by whoever asks first: the pumps must not count all later work as part of that request.
        using (ExecutionContext.SuppressFlow())
            _pumps = Task.WhenAll(Enumerable.Range(0, limits.BatchesAtOnce).Select(_ => Task.Run(PumpAsync)));
    }

    /// <summary>Takes an item unless as many wait as are allowed to: then false, and the caller should say "busy".</summary>
    public bool TryAdd(T item) => _items.Writer.TryWrite(new(item, Activity.Current));

    /// <summary>Takes an item, waiting while too many do.</summary>
    public ValueTask AddAsync(T item, CancellationToken cancellationToken) =>
        _items.Writer.WriteAsync(new(item, Activity.Current), cancellationToken);

    /// <summary>
    /// Takes no more, finishes what is waiting for a moment, then cancels: what is left is handed over with a cancelled token, so
    /// that nobody waits for it for ever.
    /// </summary>
    public async ValueTask DisposeAsync()
    {
        if (!_items.Writer.TryComplete())
            return;
        _stop.CancelAfter(TimeSpan.FromSeconds(5));
        await _pumps.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await _stop.CancelAsync();
        while (_items.Reader.TryRead(out var left))
            await HandleAsync([left], _weight(left.Item));
        _stop.Dispose();
    }

    async Task PumpAsync()
    {
        while (await _items.Reader.WaitToReadAsync(_stop.Token))
        {
            // Whatever else is ready to run goes first: answers to one batch release many callers, and their next items, which
            // come one by one within microseconds, belong together.
            await Task.Yield();
            var (batch, weight) = Take();
            if (batch.Count > 0)
                await HandleAsync(batch, weight);
        }
    }

    /// <summary>
    /// What waits, up to a full batch. One pump at a time: those that wake together would share out what belongs together.
    /// </summary>
    (IReadOnlyList<Entry> Batch, int Weight) Take()
    {
        var batch = new List<Entry>();
        var weight = 0;
        lock (_taking)
            while (_items.Reader.TryPeek(out var next))
            {
                var heavier = weight + _weight(next.Item);
                if (batch.Count > 0 && heavier > _limits.BatchWeight)
                    break;
                _items.Reader.TryRead(out _);
                batch.Add(next);
                weight = heavier;
            }
        return (batch, weight);
    }

    async Task HandleAsync(IReadOnlyList<Entry> batch, int weight)
    {
        BatchSize.Record(weight, new KeyValuePair<string, object?>("batch", _limits.Name));
        using var span = Telemetry.StartShared(_limits.Name, batch.Select(entry => entry.Request))
            ?.SetTag("vectordb.batch.size", weight);
        try
        {
            await _handle([.. batch.Select(entry => entry.Item)], _stop.Token);
        }
        catch (Exception e)
        {
            if (!_stop.IsCancellationRequested)
                _logger.LogError(e, "A batch of {Count} failed as a whole", batch.Count);
        }
    }
}

/// <summary>How much a coalescer takes together and keeps waiting.</summary>
/// <param name="BatchWeight">Weight of a batch at most; an item of more travels alone.</param>
/// <param name="BatchesAtOnce">Batches under way at the same time.</param>
/// <param name="Waiting">Items waiting at most.</param>
/// <param name="Name">What a batch is, in traces and metrics.</param>
public readonly record struct CoalescerLimits(int BatchWeight, int BatchesAtOnce, int Waiting, string Name = "batch");
