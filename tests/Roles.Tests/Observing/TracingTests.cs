using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests.Observing;

/// <summary>One request is one trace, whatever queues and batches lie between.</summary>
public sealed class TracingTests(Pipeline pipeline) : IClassFixture<Pipeline>
{
    static readonly ActivitySource Requests = new(Telemetry.Name);

    readonly RoleHost _host = pipeline.Host;

    static CancellationToken Stop => TestContext.Current.CancellationToken;

    [Fact]
    public async Task StoreAndSearch_AreEachOneTrace_FromTheApiThroughTheRolesAndBack()
    {
        using var recorder = new SpanRecorder();
        await pipeline.Host.Services.GetRequiredService<CollectionKeeper>().GetOrDefineAsync(
            new() { Id = PointId.From(1ul), Vector = [1, 0, 0] }, Stop);

        var store = await TracedAsync("a store", () => _host.Services.GetRequiredService<WriteCoordinator>().StoreAsync(
            [new() { Ordinal = 0, Id = Wire.Id(77_001), Vector = VectorBytes.From([1, 0, 0]) }], Stop));
        await ShowsAsync(recorder, store, "store points", "claim ids", "commit");
        await PassesAsync(recorder, store, nameof(StoreVector), nameof(ClaimIds), nameof(UpsertPoints), nameof(PointsStored));

        var search = await TracedAsync("a search", () => _host.Services.GetRequiredService<SearchCoordinator>().SearchAsync(
            new() { Index = 0, Vector = VectorBytes.From([1, 0, 0]), TopK = 1, ShardsToSearch = SearchQuestion.AllShards }, Stop));
        await ShowsAsync(recorder, search, "send searches", "choose shards", "search shard");
        await PassesAsync(recorder, search, nameof(SearchRequest), nameof(SearchShard), nameof(ShardSearched));
        await Eventually.TrueAsync(
            () => recorder.Of(search.TraceId).Count(span => span.OperationName == "search shard") == RoleHost.ShardCount,
            "a span for every shard");
        AssertOneTree(recorder.Of(search.TraceId), search);
    }

    [Fact]
    public async Task RequestsThatTravelTogether_AreLinkedInBothDirections()
    {
        using var recorder = new SpanRecorder();
        var (isFirstTaken, go) = (new TaskCompletionSource(), new TaskCompletionSource());
        await using var coalescer = new Coalescer<int>(
            new(BatchWeight: 10, BatchesAtOnce: 1, Waiting: 10, "together"), (_, _) => Handle(), NullLogger.Instance);
        await coalescer.AddAsync(0, Stop);
        await isFirstTaken.Task.WaitAsync(Stop);
        var requests = new List<Activity>();
        for (var i = 1; i <= 3; i++)
        {
            requests.Add(await TracedAsync($"request {i}", async () =>
            {
                await coalescer.AddAsync(i, Stop);
                return i;
            }));
        }
        go.SetResult();
        await Eventually.TrueAsync(() => Shared().Any(span => span.Links.Count() == 2), "the span of the three");
        var shared = Shared().Single(span => span.Links.Count() == 2);
        Assert.Equal(requests[0].SpanId, shared.ParentSpanId);
        Assert.Equal(requests.Skip(1).Select(request => request.SpanId), shared.Links.Select(link => link.Context.SpanId));
        Assert.All(requests.Skip(1), request => Assert.Equal(shared.SpanId, Assert.Single(request.Links).Context.SpanId));

        Task Handle()
        {
            isFirstTaken.TrySetResult();
            return go.Task;
        }

        IEnumerable<Activity> Shared() => recorder.Of(requests[0].TraceId).Where(span => span.OperationName == "together");
    }

    static async Task<Activity> TracedAsync<T>(string name, Func<Task<T>> work)
    {
        Activity.Current = null;
        using var request = Requests.StartActivity(name);
        await work();
        return request!;
    }

    static async Task ShowsAsync(SpanRecorder recorder, Activity request, params string[] names)
    {
        foreach (var name in names)
            await Eventually.TrueAsync(
                () => recorder.Of(request.TraceId).Any(span => span.OperationName == name), $"{request.OperationName}: {name}");
    }

    /// <summary>A message was consumed as part of the request; MassTransit notes its type on the span.</summary>
    static async Task PassesAsync(SpanRecorder recorder, Activity request, params string[] messages)
    {
        foreach (var message in messages)
            await Eventually.TrueAsync(
                () => recorder.Of(request.TraceId).Any(span => span.Kind == ActivityKind.Consumer
                    && span.Tags.Any(tag => tag.Value?.Contains($":{message}", StringComparison.Ordinal) == true)),
                $"{request.OperationName}: {message} is consumed");
    }

    /// <summary>Every span but the request's has a parent within the trace.</summary>
    static void AssertOneTree(IReadOnlyList<Activity> spans, Activity request)
    {
        var known = spans.Select(span => span.SpanId).Append(request.SpanId).ToHashSet();
        Assert.All(spans.Where(span => span.SpanId != request.SpanId), span => Assert.Contains(span.ParentSpanId, known));
    }
}
