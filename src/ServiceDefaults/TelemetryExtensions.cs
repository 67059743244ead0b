using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;
using OpenTelemetry.Trace;

namespace VectorDb.ServiceDefaults;

/// <summary>Where traces and metrics go.</summary>
static class TelemetryExtensions
{
    /// <summary>What probes and scrapers ask every few seconds, which nobody wants to see traced.</summary>
    static readonly PathString[] Probes = ["/healthz", "/readyz", "/metrics"];

    /// <summary>
    /// Metrics for whoever scrapes `/metrics`, and traces to the receiver that OTEL_EXPORTER_OTLP_ENDPOINT names. Without one no
    /// span is made: those of every message cost CPU whether they are sent anywhere or not.
    /// </summary>
    internal static void AddTelemetry(this IHostApplicationBuilder builder)
    {
        var telemetry = builder.Services.AddOpenTelemetry()
            .WithMetrics(metrics => metrics
                .AddMeter(Telemetry.Name, "MassTransit", "Microsoft.AspNetCore.Hosting", "System.Runtime")
                .AddPrometheusExporter());
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_SERVICE_NAME"]))
            telemetry.ConfigureResource(resource => resource.AddService(builder.Environment.ApplicationName));
        if (string.IsNullOrEmpty(builder.Configuration["OTEL_EXPORTER_OTLP_ENDPOINT"]))
            return;
        telemetry.WithTracing(tracing => tracing
            .AddSource(Telemetry.Name, "MassTransit")
            .AddAspNetCoreInstrumentation(http => http.Filter = context => !Probes.Contains(context.Request.Path))
            .AddOtlpExporter());
    }
}
