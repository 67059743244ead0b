using System.Net.Http.Json;
using System.Text.Json.Serialization;
using MassTransit;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using VectorDb.Contracts;
using VectorDb.QueryApi;
using VectorDb.ServiceDefaults;

namespace VectorDb.Benchmarks.BrokerBench;

/// <summary>The query role and three ways to search through it: its coordinator, HTTP, and a message for each query and shard.</summary>
public sealed class QuerySide : IAsyncDisposable
{
    public const int TopK = 10;

    static readonly RequestTimeout Timeout = RequestTimeout.After(s: 30);

    readonly WebApplication _app;
    readonly float[][] _queries;
    readonly byte[][] _queryBytes;
    readonly HttpClient _http;
    readonly SearchCoordinator _searches;
    readonly IRequestClient<SearchShard>[] _shards;

    QuerySide(WebApplication app, float[][] queries, int shards)
    {
        (_app, _queries, _queryBytes) = (app, queries, [.. queries.Select(query => VectorBytes.From(query))]);
        _searches = Service<SearchCoordinator>();
        _http = new() { BaseAddress = new Uri(app.Urls.First()) };
        _shards = [.. Enumerable.Range(0, shards).Select(shard =>
            Service<IBus>().CreateRequestClient<SearchShard>(ShardAddress.Search(shard), Timeout))];
    }

    public T Service<T>()
        where T : notnull => _app.Services.GetRequiredService<T>();

    /// <summary>Completes when all roles have been heard of and the collection exists.</summary>
    public static async Task<QuerySide> StartAsync(BrokerOptions options, float[][] queries)
    {
        var app = RoleChild.Query(options.Shards);
        await app.StartAsync();
        var side = new QuerySide(app, queries, options.Shards);
        var readiness = side.Service<Readiness>();
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (!readiness.IsReady)
            await Task.Delay(50, patience.Token);
        await side.Service<CollectionKeeper>().DefineAsync(new() { Dimensions = options.Dimensions }, patience.Token);
        return side;
    }

    public async Task SearchAsync(int query)
    {
        var parts = await _searches.SearchAsync(
            new()
            {
                Index = 0,
                Vector = _queryBytes[query % _queryBytes.Length],
                TopK = TopK,
                ShardsToSearch = SearchQuestion.AllShards,
            },
            CancellationToken.None);
        Check(ResultMerger.Merge(parts.Parts, TopK, lowerIsNearer: false).Count, !parts.IsPartial);
    }

    public async Task SearchByHttpAsync(int query)
    {
        using var response = await _http.PostAsJsonAsync("/search", new HttpQuestion(_queries[query % _queries.Length]));
        response.EnsureSuccessStatusCode();
        var answer = await response.Content.ReadAsByteArrayAsync();
        Check(answer.Length > 100 ? TopK : 0, isComplete: true);
    }

    /// <summary>What one would write first: a request to each shard, all awaited.</summary>
    public async Task SearchNaivelyAsync(int query)
    {
        var vector = _queryBytes[query % _queryBytes.Length];
        int[] asked = [.. Enumerable.Range(0, _shards.Length)];
        var answers = await Task.WhenAll(_shards.Select((client, shard) => AskAsync(client, new()
        {
            Shard = shard,
            Dimensions = VectorBytes.Dimensions(vector),
            Questions = [new() { Index = 0, Vector = vector, TopK = TopK, Asked = asked }],
        })));
        Check(ResultMerger.Merge([.. answers.Select(a => (a.Shard, a.Answers[0]))], TopK, lowerIsNearer: false).Count, isComplete: true);
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _app.StopAsync();
        await _app.DisposeAsync();
    }

    /// <summary>Not persistent, as ours are not.</summary>
    static async Task<ShardSearched> AskAsync(IRequestClient<SearchShard> client, SearchShard message)
    {
        using var request = client.Create(message);
        request.UseExecute(context => context.Durable = false);
        return (await request.GetResponse<ShardSearched>()).Message;
    }

    static void Check(int hits, bool isComplete)
    {
        if (hits != TopK || !isComplete)
            throw new InvalidOperationException($"A search found {hits} of {TopK} hits, complete: {isComplete}.");
    }

    sealed record HttpQuestion([property: JsonPropertyName("query_vector")] float[] QueryVector)
    {
        [JsonPropertyName("top_k")]
        public int TopK { get; init; } = QuerySide.TopK;

        [JsonPropertyName("shards_to_search")]
        public string ShardsToSearch { get; init; } = "all";

        [JsonPropertyName("with_payload")]
        public bool WithPayload { get; init; }
    }
}
