using MassTransit;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi;

/// <summary>
/// Sends searches to the router and gathers the shards' answers. An API that is not busy sends at once; one with two messages
/// unanswered lets searches wait for a moment, so that they travel together in the next. Thread-safe.
/// </summary>
public sealed class SearchCoordinator : IAsyncDisposable
{
    /// <summary>Beyond this a person has gone; a shard that needs longer is reported as missing.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Messages unanswered before searches wait for one another: two, so that router and shards work at the same time and a slow
    /// search does not hold up others (docs/decisions/0061).
    /// </summary>
    public const int MessagesAtOnce = 2;

    /// <summary>
    /// A message that is not answered by then is waited for no longer before the next is sent: a shard is slow or gone, and others'
    /// searches should not stand behind it.
    /// </summary>
    static readonly TimeSpan HoldMax = TimeSpan.FromMilliseconds(25);

    /// <summary>Deadlines of searches that are under way are kept by the table; this is only for those that never were.</summary>
    static readonly TimeSpan SweepTime = TimeSpan.FromSeconds(1);

    /// <summary>Messages that wait for their parts: with shards that answer, a few; this bounds the memory while they do not.</summary>
    const int MessagesMax = 4_096;

    readonly IBus _bus;
    readonly PendingSearches _pending;
    readonly ReplyAddress _replies;
    readonly ClusterView _view;
    readonly Coalescer<PendingSearch> _outgoing;

    public SearchCoordinator(
        IBus bus, PendingSearches pending, ReplyAddress replies, ClusterView view, ILogger<SearchCoordinator> logger)
    {
        (_bus, _pending, _replies, _view) = (bus, pending, replies, view);
        _outgoing = new(new(Limits.SearchBatchMax, BatchesAtOnce: MessagesAtOnce, Waiting: 4_096, "send searches"), SendAsync, logger);
    }

    /// <summary>Completes by the deadline with whatever parts there are.</summary>
    /// <exception cref="ProblemException">Refused, too many searches waiting, or no shard answered.</exception>
    public Task<SearchParts> SearchAsync(SearchQuestion question, CancellationToken cancellationToken)
    {
        var search = new PendingSearch(question);
        if (_pending.Count >= MessagesMax || !_outgoing.TryAdd(search))
            throw ProblemException.Busy("Too many searches are waiting; try again in a moment, or send fewer at once.");
        return InTimeAsync(search, cancellationToken);
    }

    /// <summary>Also for a search that still waits to be sent, because the broker takes nothing.</summary>
    static async Task<SearchParts> InTimeAsync(PendingSearch search, CancellationToken cancellationToken)
    {
        try
        {
            return await search.Done.WaitAsync(Deadline + SweepTime, cancellationToken);
        }
        catch (TimeoutException)
        {
            throw ProblemException.Unavailable("The search could not be sent before its deadline; try again.");
        }
    }

    public ValueTask DisposeAsync() => _outgoing.DisposeAsync();

    async Task SendAsync(IReadOnlyList<PendingSearch> searches, CancellationToken cancellationToken)
    {
        var requestId = NewId.NextGuid();
        var answered = _pending.Add(requestId, searches, Deadline);
        try
        {
            var replies = _replies.Value;
            var endpoint = await _bus.GetSendEndpoint(ShardAddress.RouteSearch);
            var message = new SearchRequest
            {
                Questions = [.. searches.Select((search, index) => search.Question with { Index = index })],
                Revision = _view.Collection?.Revision ?? 0,
            };
            await Delivery.InTimeAsync(patience => endpoint.Send(message, context =>
            {
                context.RequestId = requestId;
                context.ResponseAddress = replies;
                context.TimeToLive = Deadline;
                context.Durable = false;
            }, patience), cancellationToken);
        }
        catch (Exception e)
        {
            _pending.Fail(requestId, DeliveryProblems.Explain(e)
                ?? ProblemException.Unavailable("The search could not be sent: " + e.Message));
        }
        await answered.WaitAsync(HoldMax, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }
}
