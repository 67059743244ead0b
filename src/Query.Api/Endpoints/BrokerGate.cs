using VectorDb.ServiceDefaults;

namespace VectorDb.QueryApi.Endpoints;

/// <summary>
/// What could not be carried out now is answered at once with 503 instead of waiting in memory: anything while the broker is away,
/// writes while a shard has no queues.
/// </summary>
static class BrokerGate
{
    /// <summary>What says how things are, and what only describes.</summary>
    static readonly PathString[] Open = ["/healthz", "/readyz", "/metrics", "/openapi.json", "/scalar"];

    static readonly PathString[] Writes = ["/store", "/points"];

    /// <summary>Call after <see cref="ProblemResponses.UseProblemResponses"/>.</summary>
    public static void UseBrokerGate(this WebApplication app)
    {
        var link = app.Services.GetRequiredService<BusLink>();
        var shards = app.Services.GetRequiredService<ShardQueues>();
        app.Use(async (context, next) =>
        {
            var path = context.Request.Path;
            if (path != "/" && !Open.Any(open => path.StartsWithSegments(open)))
                link.RequireBroker();
            if (Writes.Any(write => path.StartsWithSegments(write)))
                await shards.RequireAllAsync(context.RequestAborted);
            await next(context);
        });
    }
}
