using MassTransit;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests;

/// <summary>What the API sends, seen from the router's queue: the router itself is not running.</summary>
public sealed class SearchCoordinatorTests : IAsyncLifetime
{
    readonly TempFolder _folder = new();
    readonly SendGate _gate = new();
    RoleHost _host = null!;
    Inbox _router = null!;
    SearchCoordinator _coordinator = null!;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task IdleApi_SendsASearchAtOnce()
    {
        var search = SearchAsync(1);
        var request = Assert.Single((await _router.NextAsync<SearchRequest>()).Questions);
        Assert.Equal((0, 1), (request.Index, request.TopK));
        Assert.False(search.IsCompleted);
    }

    [Fact]
    public async Task BusyApi_CollectsUpTo64SearchesForTheNextMessage()
    {
        await KeepBusyAsync();
        for (var i = 2; i <= 101; i++)
            _ = SearchAsync(i);
        _gate.Open();
        var requests = await _router.CountAsync<SearchRequest>(SearchCoordinator.MessagesAtOnce + 2);
        var counts = requests.Select(request => request.Questions.Count).Order();
        Assert.Equal([.. Enumerable.Repeat(1, SearchCoordinator.MessagesAtOnce), 36, 64], counts);
        Assert.All(requests, request => Assert.Equal(Enumerable.Range(0, request.Questions.Count), request.Questions.Select(q => q.Index)));
        var sent = requests.SelectMany(request => request.Questions).Select(question => question.TopK).Where(topK => topK > 1);
        Assert.Equal(Enumerable.Range(2, 100), sent.Order());
    }

    [Fact]
    public async Task SearchesWithoutAnswers_DoNotHoldUpOthers()
    {
        for (var i = 1; i <= SearchCoordinator.MessagesAtOnce * 2; i++)
        {
            _ = SearchAsync(i);
            var requests = await _router.CountAsync<SearchRequest>(i);
            Assert.Equal(i, requests[^1].Questions[0].TopK);
        }
    }

    [Fact]
    public async Task Answer_ReachesTheSearchThatItBelongsTo()
    {
        var first = await KeepBusyAsync();
        var others = Enumerable.Range(2, 2).Select(SearchAsync).ToArray();
        _gate.Open();
        await _router.CountAsync<SearchRequest>(SearchCoordinator.MessagesAtOnce + 1);
        foreach (var sent in _host.Harness.Sent.Select<SearchRequest>(Stop).Reverse().ToList())
            await AnswerAsync(sent.Context);
        Assert.Equal(1, (await first).Parts[0].Answer.Hits[0].Version);
        Assert.Equal([2L, 3L], (await Task.WhenAll(others)).Select(parts => parts.Parts[0].Answer.Hits[0].Version));
    }

    [Fact]
    public async Task Request_IsTransientAndExpiresAtTheDeadline()
    {
        _ = SearchAsync(1);
        await _router.NextAsync<SearchRequest>();
        var sent = Assert.Single(_host.Harness.Sent.Select<SearchRequest>(Stop)).Context;
        Assert.Equal((SearchCoordinator.Deadline, false), (sent.TimeToLive!.Value, sent.Durable));
        Assert.Equal(_host.Services.GetRequiredService<ReplyAddress>().Value, sent.ResponseAddress);
    }

    [Fact]
    public async Task SearchBeforeTheReplyQueueExists_IsUnavailable()
    {
        await using var starting = new SearchCoordinator(
            _host.Bus, _host.Services.GetRequiredService<PendingSearches>(), new(TimeProvider.System),
            _host.Services.GetRequiredService<ClusterView>(), NullLogger<SearchCoordinator>.Instance);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => starting.SearchAsync(Question(1), Stop));
        Assert.Equal(503, problem.Status);
        Assert.Contains("starting", problem.Message);
    }

    [Fact]
    public async Task MoreSearchesThanMayWait_AreRefused()
    {
        await KeepBusyAsync();
        for (var i = 0; i < 4_096; i++)
            _ = SearchAsync(1);
        var problem = await Assert.ThrowsAsync<ProblemException>(() => SearchAsync(1));
        Assert.Equal(429, problem.Status);
        Assert.NotNull(problem.RetryAfter);
        _gate.Open();
    }

    public async ValueTask InitializeAsync()
    {
        _host = await RoleHost.StartAsync(_folder.Path, Roles.Query);
        _router = await Inbox.OpenAsync(_host, ShardAddress.RouteSearchName, (inbox, endpoint) => inbox.Take<SearchRequest>(endpoint));
        _host.Bus.ConnectSendObserver(_gate);
        _coordinator = _host.Services.GetRequiredService<SearchCoordinator>();
    }

    public async ValueTask DisposeAsync()
    {
        _gate.Open();
        await _host.DisposeAsync();
        _folder.Dispose();
    }

    /// <summary>As many messages under way as there may be, one search each, held by the gate. Returns the first search.</summary>
    async Task<Task<SearchParts>> KeepBusyAsync()
    {
        _gate.Close();
        var searches = new List<Task<SearchParts>>();
        while (searches.Count < SearchCoordinator.MessagesAtOnce)
        {
            searches.Add(SearchAsync(1));
            await _gate.ReachedAsync(searches.Count);
        }
        return searches[0];
    }

    /// <summary>`number` is the top_k, by which searches are told apart.</summary>
    Task<SearchParts> SearchAsync(int number) => _coordinator.SearchAsync(Question(number), Stop);

    static SearchQuestion Question(int number) =>
        new() { Index = 0, Vector = Wire.Vector(1, 0, 0), TopK = number, ShardsToSearch = 1 };

    /// <summary>As a shard does: one hit for each question, whose version is the question's top_k.</summary>
    Task AnswerAsync(SendContext<SearchRequest> request) => _host.SendAsync(
        request.ResponseAddress!,
        new ShardSearched
        {
            Shard = 1,
            Answers = [.. request.Message.Questions.Select(question => new ShardAnswer
            {
                Index = question.Index,
                Asked = [1],
                Hits = [new() { Id = Wire.Id(1), Version = question.TopK, Score = 1 }],
            })],
        },
        send => send.RequestId = request.RequestId);

    /// <summary>Holds a search on its way to the transport, as a slow broker would.</summary>
    sealed class SendGate : ISendObserver
    {
        readonly TaskCompletionSource _open = new(TaskCreationOptions.RunContinuationsAsynchronously);
        volatile bool _isClosed;
        int _reached;

        public void Close() => _isClosed = true;

        public void Open() => _open.TrySetResult();

        public Task ReachedAsync(int count) => Eventually.TrueAsync(() => Volatile.Read(ref _reached) == count, $"{count} messages held");

        public Task PreSend<T>(SendContext<T> context)
            where T : class
        {
            if (!_isClosed || context.Message is not SearchRequest)
                return Task.CompletedTask;
            Interlocked.Increment(ref _reached);
            return _open.Task;
        }

        public Task PostSend<T>(SendContext<T> context)
            where T : class => Task.CompletedTask;

        public Task SendFault<T>(SendContext<T> context, Exception exception)
            where T : class => Task.CompletedTask;
    }
}
