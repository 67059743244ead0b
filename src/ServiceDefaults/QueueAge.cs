using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using MassTransit;

namespace VectorDb.ServiceDefaults;

/// <summary>
/// Measures how long messages were on their way: from the sender's clock at sending to this machine's at the start of consuming.
/// It grows when a queue is longer than its consumers can follow, which is what to scale by.
/// </summary>
public sealed class QueueAge(TimeProvider clock) : IConsumeObserver
{
    static readonly Histogram<double> Age = Telemetry.Durations(
        "vectordb.queue.age", "Time from sending a message to the start of its consumption.");

    readonly ConcurrentDictionary<Uri, string> _names = new();

    public Task PreConsume<T>(ConsumeContext<T> context)
        where T : class
    {
        if (context.SentTime is { } sent)
        {
            // Clocks of two machines differ; nothing arrives before it was sent.
            var seconds = Math.Max(0, (clock.GetUtcNow().UtcDateTime - sent).TotalSeconds);
            var queue = _names.GetOrAdd(context.ReceiveContext.InputAddress, NameOf);
            Age.Record(seconds, new("queue", queue), new("message", typeof(T).Name));
        }
        return Task.CompletedTask;
    }

    public Task PostConsume<T>(ConsumeContext<T> context)
        where T : class => Task.CompletedTask;

    public Task ConsumeFault<T>(ConsumeContext<T> context, Exception exception)
        where T : class => Task.CompletedTask;

    /// <summary>
    /// The queue's name; of a process's own queue without what tells processes apart, because every restart would be a new series.
    /// </summary>
    static string NameOf(Uri address)
    {
        var name = address.AbsolutePath[(address.AbsolutePath.LastIndexOf('/') + 1)..];
        var parts = name.Split('.');
        for (var i = 0; i < parts.Length; i++)
            if (parts[i].LastIndexOf('-') is > 0 and var dash && parts[i].Length - dash > 20)
                parts[i] = parts[i][..dash];
        return name.StartsWith("vectordb.", StringComparison.Ordinal) ? string.Join('.', parts) : "other";
    }
}
