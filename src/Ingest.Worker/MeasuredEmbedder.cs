using System.Diagnostics;
using System.Diagnostics.Metrics;
using VectorDb.Embedding;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>An embedder whose calls are timed, counted and seen in traces.</summary>
public sealed class MeasuredEmbedder(IEmbedder inner) : IEmbedder
{
    static readonly Histogram<double> Duration = Telemetry.Durations(
        "vectordb.embed.duration", "Time to embed the texts of one batch.");

    static readonly Histogram<int> Texts = Telemetry.Sizes("vectordb.embed.texts", "{text}", "Texts embedded together.");

    public ModelDescription Model => inner.Model;

    public IReadOnlyList<EmbeddedText> Embed(IReadOnlyList<string> texts, CancellationToken cancellationToken = default)
    {
        using var span = Telemetry.Activities.StartActivity("embed")?.SetTag("vectordb.texts", texts.Count);
        var start = Stopwatch.GetTimestamp();
        var embedded = inner.Embed(texts, cancellationToken);
        Duration.Record(Stopwatch.GetElapsedTime(start).TotalSeconds);
        Texts.Record(texts.Count);
        return embedded;
    }

    public void Dispose() => inner.Dispose();
}
