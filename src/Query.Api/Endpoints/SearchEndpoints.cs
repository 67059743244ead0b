using System.Diagnostics;
using Microsoft.AspNetCore.Http.HttpResults;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>Searching, one question or many.</summary>
public static class SearchEndpoints
{
    public static void MapSearch(this IEndpointRouteBuilder app)
    {
        var search = app.MapGroup("").WithTags("Search").ProducesProblem(400).ProducesProblem(422).ProducesProblem(429)
            .ProducesProblem(503);
        search.MapPost("/search", SearchAsync).WithName("Search")
            .WithSummary("The nearest points of a vector or a text.")
            .WithDescription("`partial: true` says that a shard did not answer in time. Before the first store there is nothing "
                + "to find: the answer is an empty list.");
        search.MapPost("/search/batch", SearchBatchAsync).WithName("SearchBatch")
            .WithSummary("Several searches at once; one answer each, in order.");
    }

    static async Task<Ok<SearchAnswer>> SearchAsync(
        JsonBody<SearchBody> body, SearchCoordinator searches, ClusterView view, CancellationToken cancellationToken)
    {
        SearchChecks.Check(body.Value, view, "The search");
        return TypedResults.Ok(await AnswerAsync(body.Value, searches, view, cancellationToken));
    }

    static async Task<Ok<SearchBatchAnswer>> SearchBatchAsync(
        JsonBody<SearchBatchBody> body, SearchCoordinator searches, ClusterView view, CancellationToken cancellationToken)
    {
        var asked = body.Value.Searches;
        SearchChecks.CheckBatch(asked, view);
        return TypedResults.Ok(new SearchBatchAnswer(
            await Task.WhenAll(asked.Select(search => AnswerAsync(search, searches, view, cancellationToken)))));
    }

    static async Task<SearchAnswer> AnswerAsync(
        SearchBody body, SearchCoordinator searches, ClusterView view, CancellationToken cancellationToken)
    {
        var start = Stopwatch.GetTimestamp();
        if (view.Collection is not { } state)
            return new() { Results = [], Shards = new(0, 0), Partial = false, TookMs = 0 };
        var parts = await searches.SearchAsync(
            new()
            {
                Index = 0,
                Vector = body.QueryVector is null ? null : VectorBytes.From(body.QueryVector),
                Text = body.QueryVector is null ? body.Text : null,
                TopK = body.TopK,
                ShardsToSearch = body.ShardsToSearch.Value,
                WithPayload = body.WithPayload,
                WithVector = body.WithVector,
                Exact = body.Exact,
            },
            cancellationToken);
        QueryMetrics.Searched(parts, Stopwatch.GetElapsedTime(start));
        var hits = ResultMerger.Merge(parts.Parts, body.TopK, lowerIsNearer: state.Shape.Metric == "Euclid");
        return new()
        {
            Results = [.. hits.Select(Result)],
            Shards = new(parts.Asked.Length, parts.Parts.Count),
            Partial = parts.IsPartial,
            TookMs = Math.Round(Stopwatch.GetElapsedTime(start).TotalMilliseconds, 3),
        };
    }

    static SearchResult Result(MergedHit hit) => new()
    {
        Id = PointId.FromKey(hit.Point.Id),
        Score = hit.Point.Score,
        Shard = hit.Shard,
        Version = hit.Point.Version,
        Payload = PointEndpoints.PayloadOf(hit.Point.Payload),
        Text = hit.Point.Text,
        Vector = hit.Point.Vector is null ? null : VectorBytes.ToFloats(hit.Point.Vector),
    };
}
