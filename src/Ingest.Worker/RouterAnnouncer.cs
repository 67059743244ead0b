using MassTransit;
using VectorDb.Contracts;
using VectorDb.Embedding;
using VectorDb.IngestWorker.Choosing;
using VectorDb.ServiceDefaults;

namespace VectorDb.IngestWorker;

/// <summary>Says every few seconds that this router is up, and with which model.</summary>
public sealed class RouterAnnouncer(BusLink link, IEmbedder embedder, SketchBook sketches, TimeProvider clock) : Announcer(link, clock)
{
    readonly Guid _instance = NewId.NextGuid();

    protected override IEnumerable<object> Announcements()
    {
        var model = embedder.Model;
        yield return new RouterAnnounced
        {
            Instance = _instance,
            Model = model.Name,
            ModelChecksum = model.Checksum,
            Dimensions = model.Dimensions,
            MaxTokens = model.MaxTokens,
            SketchRevisions = sketches.Revisions(),
        };
    }
}
