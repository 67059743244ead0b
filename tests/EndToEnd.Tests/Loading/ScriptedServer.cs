using System.Net;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;

namespace VectorDb.EndToEnd.Tests.Loading;

/// <summary>
/// An HTTP server that answers <c>POST /store</c> as a test says: for the answers under pressure and in trouble that the real one
/// cannot be made to give on demand. Remembers what it acknowledged.
/// </summary>
public sealed class ScriptedServer : IAsyncDisposable
{
    readonly WebApplication _app;
    readonly Lock _lock = new();
    readonly List<string> _stored = [];

    /// <param name="answer">Gets the number of the request from 1 and the ids in it; null acknowledges.</param>
    /// <param name="port">0 is any that is free.</param>
    public ScriptedServer(Func<int, IReadOnlyList<string>, Answer?> answer, int port = 0)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, port));
        _app = builder.Build();
        var count = 0;
        _app.MapPost("/store", async (HttpContext context) =>
        {
            using var body = await JsonDocument.ParseAsync(context.Request.Body);
            var ids = body.RootElement.GetProperty("points").EnumerateArray().Select(point => point.GetProperty("id").ToString()).ToList();
            var given = answer(Interlocked.Increment(ref count), ids);
            if (given?.RetryAfterSeconds is { } seconds)
                context.Response.Headers.RetryAfter = $"{seconds}";
            context.Response.StatusCode = given?.Status ?? 200;
            if (given is null)
                Acknowledge(ids);
            var detail = JsonSerializer.Serialize(given?.Detail ?? "");
            await context.Response.Body.WriteAsync(Encoding.UTF8.GetBytes(given is null ? "{\"points\":[]}" : $"{{\"detail\":{detail}}}"));
        });
    }

    public string Address => _app.Urls.First();

    /// <summary>Ids in the order in which they were acknowledged.</summary>
    public IReadOnlyList<string> Stored
    {
        get
        {
            lock (_lock)
                return [.. _stored];
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => _app.StartAsync(cancellationToken);

    public ValueTask DisposeAsync() => _app.DisposeAsync();

    void Acknowledge(IEnumerable<string> ids)
    {
        lock (_lock)
            _stored.AddRange(ids);
    }

    /// <param name="Status">HTTP status.</param>
    /// <param name="Detail">Detail of the problem.</param>
    /// <param name="RetryAfterSeconds">Header Retry-After, if any.</param>
    public sealed record Answer(int Status, string Detail, int? RetryAfterSeconds = null);
}
