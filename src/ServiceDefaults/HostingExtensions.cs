using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Diagnostics.HealthChecks;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry.Metrics;
using OpenTelemetry.Trace;

namespace VectorDb.ServiceDefaults;

/// <summary>Settings, health and telemetry that every process has.</summary>
public static class HostingExtensions
{
    /// <summary>Binds and checks the settings, adds readiness and telemetry. Call first.</summary>
    /// <exception cref="InvalidOperationException">A setting is out of range; the message names it.</exception>
    public static VectorDbOptions AddServiceDefaults(this IHostApplicationBuilder builder)
    {
        var options = builder.Configuration.GetSection(VectorDbOptions.Section).Get<VectorDbOptions>() ?? new();
        if (options.Problems().ToList() is { Count: > 0 } problems)
            throw new InvalidOperationException(string.Join(" ", problems));
        builder.Services.AddSingleton(options);
        builder.Services.TryAddSingleton<Readiness>();
        builder.Services.AddSingleton(TimeProvider.System);
        // Whoever asks /readyz is told why it is not; the log need not call that a failure.
        builder.Logging.AddFilter("Microsoft.Extensions.Diagnostics.HealthChecks", LogLevel.None);
        builder.Services.AddHealthChecks().AddCheck<Readiness>("vectordb", tags: ["ready"]);
        builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(Telemetry.Name, "MassTransit", "Microsoft.AspNetCore.Hosting")
                .AddPrometheusExporter())
            .WithTracing(tracing =>
            {
                tracing.AddSource(Telemetry.Name, "MassTransit").AddAspNetCoreInstrumentation();
                if (builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"] is { Length: > 0 })
                    tracing.AddOtlpExporter();
            });
        return options;
    }

    /// <summary>`/healthz` (the process answers), `/readyz` (it can serve; 503 with the reasons if not), `/metrics`.</summary>
    public static void MapDefaultEndpoints(this WebApplication app)
    {
        app.MapGet("/healthz", () => TypedResults.Text("ok\n"))
            .WithName("Healthz").WithTags("Health").WithSummary("The process is up.");
        app.MapGet("/readyz", Ready)
            .WithName("Readyz").WithTags("Health").WithSummary("Ready when model, bus and shards are; 503 with the reasons if not.")
            .Produces<ReadyAnswer>().Produces<ReadyAnswer>(StatusCodes.Status503ServiceUnavailable);
        app.MapPrometheusScrapingEndpoint("/metrics");
    }

    static async Task<IResult> Ready(HealthCheckService health, CancellationToken cancellationToken)
    {
        var report = await health.CheckHealthAsync(check => check.Tags.Contains("ready"), cancellationToken);
        var isReady = report.Status == HealthStatus.Healthy;
        var reasons = report.Entries.Values.Where(entry => entry.Status != HealthStatus.Healthy)
            .Select(entry => entry.Description ?? entry.Exception?.Message ?? "not ready");
        return Results.Json(
            new ReadyAnswer(isReady, [.. reasons]),
            statusCode: isReady ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable);
    }
}

/// <summary>The answer of `/readyz`.</summary>
/// <param name="Ready">Requests will be served.</param>
/// <param name="Reasons">What is being waited for.</param>
public sealed record ReadyAnswer(bool Ready, IReadOnlyList<string> Reasons);
