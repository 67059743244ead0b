using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// The last part of a path as the client meant it. Kestrel decodes all of a path but `%2F`, so that a route value of `a%2Fb` may
/// be the id "a/b" or the id "a%2Fb"; only the request line as it came tells.
/// </summary>
public static class SlashesInPaths
{
    const string Value = "id";

    /// <summary>Decodes the route value `id`, which must be the last part of its route. Call before any endpoint is mapped.</summary>
    public static void UseSlashesInPaths(this WebApplication app) => app.Use((context, next) =>
    {
        if (context.Request.RouteValues[Value] is string id && id.Contains("%2F", StringComparison.OrdinalIgnoreCase))
            context.Request.RouteValues[Value] = LastPart(context) ?? id;
        return next(context);
    });

    static string? LastPart(HttpContext context)
    {
        var target = context.Features.Get<IHttpRequestFeature>()?.RawTarget;
        if (string.IsNullOrEmpty(target))
            return null;
        var path = target.AsSpan();
        if (path.IndexOfAny('?', '#') is >= 0 and var end)
            path = path[..end];
        path = path.TrimEnd('/');
        return Uri.UnescapeDataString(path[(path.LastIndexOf('/') + 1)..]);
    }
}
