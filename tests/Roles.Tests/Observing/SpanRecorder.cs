using System.Collections.Concurrent;
using System.Diagnostics;
using VectorDb.ServiceDefaults;

namespace VectorDb.Roles.Tests.Observing;

/// <summary>Keeps every span that ends, of ours and of MassTransit, from any test that runs at the same time.</summary>
sealed class SpanRecorder : IDisposable
{
    readonly ConcurrentQueue<Activity> _ended = new();
    readonly ActivityListener _listener;

    public SpanRecorder()
    {
        _listener = new()
        {
            ShouldListenTo = source => source.Name is Telemetry.Name or "MassTransit",
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = _ended.Enqueue,
        };
        ActivitySource.AddActivityListener(_listener);
    }

    /// <summary>The spans of a trace that have ended so far.</summary>
    public IReadOnlyList<Activity> Of(ActivityTraceId trace) => [.. _ended.Where(span => span.TraceId == trace)];

    public void Dispose() => _listener.Dispose();
}
