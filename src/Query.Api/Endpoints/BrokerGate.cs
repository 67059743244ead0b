using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>While the broker is away, whatever needs it is answered at once with 503 instead of waiting in memory.</summary>
static class BrokerGate
{
    /// <summary>What says how things are, and what only describes.</summary>
    static readonly PathString[] Open = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/scalar"];

    /// <summary>Call after <see cref="ProblemResponses.UseProblemResponses"/>.</summary>
    public static void UseBrokerGate(this WebApplication app)
    {
        var link = app.Services.GetRequiredService<BusLink>();
        app.Use((context, next) =>
        {
            if (context.Request.Path != "/" && !Open.Any(path => context.Request.Path.StartsWithSegments(path)))
                link.RequireBroker();
            return next(context);
        });
    }
}
