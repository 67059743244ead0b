using System.Text;
using System.Text.Json;
using VectorDb.Contracts;
using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>What can be refused about a search, refused before a message exists.</summary>
static class SearchChecks
{
    /// <exception cref="ProblemException">The first thing that is wrong; `name` begins the sentence.</exception>
    public static void Check(SearchBody body, ClusterView view, string name)
    {
        if (Problem(body) is { } problem)
            throw ProblemException.OutOfRange($"{name} {problem}.");
        if (view.Collection is not { } state)
            return;
        if (body.QueryVector is { } vector)
        {
            if (VectorChecks.Problem(vector, state.Shape) is { } mismatch)
                throw ProblemException.OutOfRange($"{name} {mismatch}.");
        }
        else if (view.Router is { } router
            && VectorChecks.TextProblem(state.Shape, router.Model, router.ModelChecksum, router.Dimensions) is { } refusal)
            throw ProblemException.OutOfRange($"{name} {refusal}.");
    }

    public static void CheckBatch(IReadOnlyList<SearchBody> searches, ClusterView view)
    {
        if (searches is not { Count: > 0 and <= Limits.SearchesPerRequestMax })
            throw ProblemException.OutOfRange(
                $"\"searches\" has {searches?.Count ?? 0} searches; give 1 to {Limits.SearchesPerRequestMax} a request.");
        for (var i = 0; i < searches.Count; i++)
            Check(searches[i] ?? throw ProblemException.Malformed($"searches[{i}] is null; give an object."), view, $"searches[{i}]");
        var hits = searches.Sum(search => (long)search.TopK);
        if (hits > Limits.HitsPerRequestMax)
            throw ProblemException.OutOfRange(
                $"The searches ask for {hits} results together; at most {Limits.HitsPerRequestMax} a request are given.");
    }

    static string? Problem(SearchBody body)
    {
        if (body.QueryVector is null == body.Text is null)
            return body.Text is null
                ? "has neither query_vector nor text; give one of them"
                : "has both query_vector and text; give one of them";
        if (body.TopK is < 1 or > Limits.TopKMax)
            return $"has top_k {body.TopK}; give 1 to {Limits.TopKMax}";
        if (body.Filter is { ValueKind: not JsonValueKind.Null })
            return "has a filter, which this version cannot apply yet; leave it out and filter the results";
        if (body.Text is not null && Encoding.UTF8.GetByteCount(body.Text) > Limits.TextBytesMax)
            return $"has a text of over {Limits.TextBytesMax} bytes; shorten it (models read its beginning only)";
        return body.QueryVector is null ? null : VectorChecks.Problem(body.QueryVector);
    }
}
