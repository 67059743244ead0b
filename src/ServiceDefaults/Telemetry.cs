using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VectorDb.ServiceDefaults;

/// <summary>The one source of traces and metrics of our own.</summary>
public static class Telemetry
{
    public const string Name = "VectorDb";

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource Activities { get; } = new(Name);
}
