using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// The one source of traces and metrics of our own; docs/operations.md lists what comes from it. Instruments are made once, in
/// static fields, and cost some nanoseconds a call; a span costs nothing while nobody listens.
/// </summary>
public static class Telemetry
{
    public const string Name = "VectorDb";

    /// <summary>Seconds. From what a search in memory takes to where people give up; a factor of 2 to 2.5 each.</summary>
    static readonly double[] DurationBuckets =
        [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

    /// <summary>Powers of two around the batch limits (Limits.BatchRowsMax, SearchBatchMax).</summary>
    static readonly int[] SizeBuckets = [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1_024, 2_048];

    public static Meter Meter { get; } = new(Name);

    public static ActivitySource Activities { get; } = new(Name);

    /// <summary>A histogram of seconds.</summary>
    public static Histogram<double> Durations(string name, string description) => Meter.CreateHistogram(
        name, "s", description, tags: null, advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = DurationBuckets });

    /// <summary>A histogram of how many were handled together; `unit` is what is counted, in braces.</summary>
    public static Histogram<int> Sizes(string name, string unit, string description) => Meter.CreateHistogram(
        name, unit, description, tags: null, advice: new InstrumentAdvice<int> { HistogramBucketBoundaries = SizeBuckets });

    /// <summary>
    /// A span of work that several requests share: the child of the first that is traced, so that a lone request is one trace from
    /// end to end, and linked in both directions with the others.
    /// </summary>
    /// <param name="name">What is done.</param>
    /// <param name="requests">The span of each request at the moment in which it was handed over; null where there was none.</param>
    public static Activity? StartShared(string name, IEnumerable<Activity?> requests)
    {
        if (!Activities.HasListeners())
            return null;
        var traced = requests.OfType<Activity>().Distinct().ToList();
        var links = traced.Skip(1).Select(request => new ActivityLink(request.Context));
        var parent = traced.Count > 0 ? traced[0].Context : default;
        var shared = Activities.StartActivity(name, ActivityKind.Internal, parent, tags: null, links);
        if (shared is not null)
            foreach (var request in traced.Skip(1))
                request.AddLink(new(shared.Context));
        return shared;
    }
}
